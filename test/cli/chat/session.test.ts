import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import type { Terminal } from '../../fixtures/terminal.ts';
import { ask, type ChatFolder, openChatFolder, untilIdle } from './fixture.ts';

let folder: ChatFolder;
let terminal: Terminal;
let sessionId = '';

beforeAll(async () => {
  folder = await openChatFolder();
});

afterEach(() => terminal[Symbol.asyncDispose]());

afterAll(() => folder[Symbol.asyncDispose]());

/** The texts of the last request that the model was sent, in order. */
const sentTexts = (): string => JSON.stringify(folder.model.requests.at(-1)?.body['messages']);

describe('a conversation', () => {
  test('says at its end how to go on', async () => {
    terminal = folder.open();
    await terminal.waitFor('anthropic/scripted');
    folder.script((_request, n) =>
      n === 0
        ? { type: 'answer', toolCalls: [{ name: 'agent__weather', arguments: { city: 'Oslo' } }] }
        : { type: 'answer', text: 'It is **mild** in Oslo.' },
    );
    ask(terminal, 'How is Oslo?');
    await untilIdle(terminal, 'It is mild in Oslo.');
    ask(terminal, '/session trip to Norway');
    await terminal.waitFor(/name +trip to Norway/);
    expect(terminal.screen()).toMatch(/requests +1/);
    await terminal.waitFor(/· trip to Norway$/);
    terminal.press('ctrl-d');
    const left = await terminal.waitFor(/To go on: switchyard chat --session \S+/);
    sessionId = /--session (\S+)$/m.exec(left)?.[1] ?? '';
    expect((await terminal.ended).exitCode).toBe(0);
  });

  test('is resumed by its id in another process, on the screen and for the model', async () => {
    terminal = folder.open({ args: ['--session', sessionId] });
    const screen = await terminal.waitFor('It is mild in Oslo.');
    expect(screen).toContain('› How is Oslo?');
    expect(screen).toMatch(/✓ agent · weather \{"city":"Oslo"\} {2}16 B\n {2}Oslo: 21 degrees/);
    await terminal.waitFor(/· trip to Norway$/);
    folder.script(() => ({ type: 'answer', text: 'As I said.' }));
    ask(terminal, 'Really?');
    await untilIdle(terminal, 'As I said.');
    expect(sentTexts()).toMatch(/How is Oslo\?.*mild.*Really\?/);
  });

  test('is picked among those of this folder by --resume', async () => {
    terminal = folder.open({ args: ['--resume'] });
    const asked = await terminal.waitFor('Which conversation?');
    expect(asked).toMatch(/trip to Norway +\d{4}-\d\d-\d\d \d\d:\d\d 2 requests How is Oslo\?/);
    terminal.press('enter');
    await terminal.waitFor('As I said.');
  });

  test('that is not there is an error, and the chat begins anew', async () => {
    terminal = folder.open();
    await terminal.waitFor('anthropic/scripted');
    ask(terminal, '/resume nowhere');
    await terminal.waitFor(/nowhere/);
    folder.script(() => ({ type: 'answer', text: 'Fresh.' }));
    ask(terminal, 'Hello');
    await untilIdle(terminal, 'Fresh.');
    expect(sentTexts()).not.toContain('Oslo');
    ask(terminal, '/resume trip to Norway');
    await terminal.waitFor('As I said.');
    ask(terminal, '/new');
    await terminal.waitFor((screen) => !screen.includes('As I said.'));
    ask(terminal, 'Hello again');
    await untilIdle(terminal, 'Fresh.');
    expect(sentTexts()).not.toContain('Oslo');
  });
});

test('another model answers after /model, also when the conversation is resumed', async () => {
  const model = { baseUrl: folder.model.url, apiKey: 'sk-test-abcdefghijklmnop' };
  const config = {
    mcpServers: {},
    models: {
      default: { ...model, model: 'anthropic/scripted' },
      other: { ...model, model: 'anthropic/another' },
    },
  };
  await writeFile(join(folder.cwd, 'two.json'), JSON.stringify(config));
  folder.script((request) => ({ type: 'answer', text: `I am ${request.model}.` }));
  terminal = folder.open({ args: ['--config', 'two.json'] });
  await terminal.waitFor('anthropic/scripted');
  ask(terminal, '/model nonsense');
  await terminal.waitFor("There is no model 'nonsense'");
  ask(terminal, '/model');
  await terminal.waitFor('Which model answers?');
  terminal.press('down', 'enter');
  await terminal.waitFor('Answers come from anthropic/another from here on.');
  ask(terminal, 'Who are you?');
  await untilIdle(terminal, 'I am another.');
  terminal.press('ctrl-d');
  const [, id = ''] = /--session (\S+)$/m.exec(await terminal.waitFor('To go on:')) ?? [];
  await terminal.ended;
  await using later = folder.open({ args: ['--config', 'two.json', '--session', id] });
  await later.waitFor(/anthropic\/another ·/);
});

test('/compact shortens what the model is given, and keeps what was said', async () => {
  await using roomy = await openChatFolder({ contextWindowTokens: 100_000 });
  terminal = roomy.open();
  await terminal.waitFor('anthropic/scripted');
  ask(terminal, '/compact');
  await terminal.waitFor('There is nothing to shorten yet.');
  roomy.script((request) => ({ type: 'answer', text: `${'and so on '.repeat(300)}(${request.userText})` }));
  for (const word of ['first', 'second', 'third']) {
    ask(terminal, `the ${word}`);
    await untilIdle(terminal, `(the ${word})`);
  }
  roomy.script(() => ({ type: 'answer', text: 'They counted to three.' }));
  ask(terminal, '/compact');
  const screen = await untilIdle(terminal, /About [\d.]+k tokens became/);
  expect(screen).not.toContain('They counted to three.');
  ask(terminal, 'What did we do?');
  await untilIdle(terminal, /What did we do\?\n\nThey counted to three\./);
  const sent = JSON.stringify(roomy.model.requests.at(-1)?.body['messages']);
  expect(sent).toContain('They counted to three.');
  expect(sent).not.toContain('(the first)');
});
