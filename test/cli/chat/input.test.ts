import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Terminal } from '../../fixtures/terminal.ts';
import { ask, type ChatFolder, fixtureServer, openChatFolder, untilIdle } from './fixture.ts';

let folder: ChatFolder;
let terminal: Terminal;

beforeAll(async () => {
  folder = await openChatFolder({
    // Room for all that is pasted.
    contextWindowTokens: 4_000_000,
    servers: {
      filesystem: { builtin: 'filesystem', roots: ['.'] },
      everything: fixtureServer('everything'),
    },
  });
  await mkdir(join(folder.cwd, 'docs'));
  await writeFile(join(folder.cwd, 'docs', 'harbour.md'), 'The harbour master is called Moira.\n');
  await writeFile(join(folder.cwd, 'two words.txt'), 'quoted\n');
  terminal = folder.open();
  await terminal.waitFor('anthropic/scripted');
  // Completion knows prompts and resources when every server has answered.
  ask(terminal, '/tools');
  await terminal.waitFor(() => terminal.text().includes('everything__add'));
});

afterAll(async () => {
  await terminal[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** The last message that the model was sent. */
function lastMessage(): string {
  const messages = folder.model.requests.at(-1)?.body['messages'];
  return JSON.stringify(Array.isArray(messages) ? messages.at(-1) : undefined);
}

describe('what is typed', () => {
  test('can have several lines, typed and pasted', async () => {
    terminal.type('first');
    terminal.press('ctrl-j');
    terminal.type('second ');
    terminal.paste('third\r\nfourth');
    await terminal.waitFor(/first\nsecond third\nfourth/);
    terminal.press('enter');
    await untilIdle(terminal, 'You said: first');
    expect(folder.model.requests.at(-1)?.userText).toBe('first\nsecond third\nfourth');
  });

  test('a paste of two megabytes is a placeholder, and is sent whole', async () => {
    const pasted = `start ${'0123456789'.repeat(200_000)} end`;
    folder.script(() => ({ type: 'answer', text: 'Much to read.' }));
    terminal.type('Sum up: ');
    terminal.paste(pasted);
    await terminal.waitFor('Sum up: [pasted 2,000,010 characters]');
    terminal.press('enter');
    await untilIdle(terminal, 'Much to read.');
    // Compared without printing two megabytes where they differ.
    expect(folder.model.requests.at(-1)?.userText === `Sum up: ${pasted}`).toBe(true);
    ask(terminal, '/new');
    await terminal.waitFor((screen) => !screen.includes('Much to read.'));
  });

  test('Backspace takes a placeholder away as one', async () => {
    terminal.paste('x'.repeat(1_500));
    await terminal.waitFor('[pasted 1,500 characters]');
    terminal.press('backspace');
    await terminal.waitFor((screen) => !screen.includes('[pasted 1,500'));
  });

  test('what is sent while an answer streams waits; Esc takes it back', async () => {
    folder.script((request) => ({
      type: 'answer',
      text: `Slowly: ${request.userText} ${'word '.repeat(40)}`,
      delayMs: 15,
    }));
    ask(terminal, 'one');
    await terminal.waitFor('Slowly: one');
    ask(terminal, 'two');
    await terminal.waitFor('next › two');
    ask(terminal, 'three');
    await terminal.waitFor('next › three (Esc edits it)');
    terminal.press('escape');
    await terminal.waitFor((screen) => !screen.includes('next › three') && screen.includes('\nthree\n'));
    terminal.press('ctrl-u');
    await untilIdle(terminal, 'Slowly: two');
    expect(folder.model.requests.at(-1)?.userText).toBe('two');
  });

  test('an unknown command names the nearest; a path is text', async () => {
    ask(terminal, '/toolz');
    await terminal.waitFor('There is no command /toolz. The nearest is /tools');
    folder.script((request) => ({ type: 'answer', text: `Got ${request.userText}.` }));
    ask(terminal, '/etc/hosts is what?');
    await untilIdle(terminal, 'Got /etc/hosts is what?.');
  });
});

describe('completion', () => {
  test('of commands', async () => {
    terminal.type('/cos');
    const screen = await terminal.waitFor(/\/cost +what this chat has spent/);
    expect(screen).not.toContain('/servers ');
    terminal.press('tab');
    await terminal.waitFor('/cost ');
    terminal.press('enter');
    await terminal.waitFor(/tokens in +[\d.]+[kM]?\n/);
  });

  test('of files, which are attached: read by the filesystem server and marked as not the person’s words', async () => {
    folder.script(() => ({ type: 'answer', text: 'She is called Moira.' }));
    terminal.type('Who is it in @harb');
    await terminal.waitFor('docs/harbour.md');
    terminal.press('tab');
    await terminal.waitFor('Who is it in @docs/harbour.md');
    terminal.press('enter');
    const screen = await untilIdle(terminal, 'She is called Moira.');
    expect(screen).toContain('+ docs/harbour.md');
    expect(screen).toMatch(/✓ filesystem · read_file/);
    expect(lastMessage()).toMatch(
      /<untrusted-\w+ origin=\\"file docs\/harbour.md\\">\\nThe harbour master is called Moira/,
    );
  });

  test('of a name with a blank, in quotes', async () => {
    folder.script(() => ({ type: 'answer', text: 'Read.' }));
    terminal.type('Read @two');
    await terminal.waitFor('two words.txt');
    terminal.press('tab');
    await terminal.waitFor('Read @"two words.txt"');
    terminal.press('enter');
    await untilIdle(terminal, /\+ two words\.txt[\s\S]*Read\./);
    expect(lastMessage()).toContain('origin=\\"file two words.txt\\"');
  });

  test('of resources, which are attached', async () => {
    folder.script(() => ({ type: 'answer', text: 'A note.' }));
    terminal.type('Read @note');
    await terminal.waitFor('note://one');
    terminal.press('tab');
    await terminal.waitFor('Read @note://one');
    terminal.press('enter');
    await untilIdle(terminal, 'A note.');
    expect(lastMessage()).toMatch(/origin=\\"resource note:\/\/one\\">.*the first note/);
  });

  test('of prompts and the values of their arguments', async () => {
    folder.script((request) => ({ type: 'answer', text: `Asked: ${request.userText}` }));
    terminal.type('/everything:');
    await terminal.waitFor('/everything:greet');
    terminal.press('tab');
    terminal.type('name=A');
    terminal.press('tab');
    // Where the values came before the key did, it took the first of them already.
    const values = /Ada\n.*Alan/;
    const taken = '/everything:greet name=Ada';
    const shown = await terminal.waitFor((text) => values.test(text) || text.includes(taken));
    if (values.test(shown)) terminal.press('tab');
    await terminal.waitFor(taken);
    terminal.press('enter');
    await untilIdle(terminal, 'Asked: Greet Ada');
  });

  test('a prompt without what it needs, and one that does not exist, say what is right', async () => {
    ask(terminal, '/everything:greet');
    await terminal.waitFor('name is missing. Write /everything:greet name=');
    ask(terminal, '/everything:great');
    await terminal.waitFor('There is no prompt /everything:great. Known: /everything:greet');
  });
});

describe('what cannot be attached', () => {
  test('a file outside of the roots is refused by the filesystem server, and no model is asked', async () => {
    const count = folder.model.requests.length;
    ask(terminal, 'Read @../ledger please');
    await untilIdle(terminal, '../ledger could not be attached');
    expect(folder.model.requests.length).toBe(count);
  });

  test('a handle that is no file stays text', async () => {
    folder.script(() => ({ type: 'answer', text: 'Who is that?' }));
    ask(terminal, 'Ask @alice.');
    await untilIdle(terminal, 'Who is that?');
    expect(folder.model.requests.at(-1)?.userText).toBe('Ask @alice.');
  });
});

describe('the history', () => {
  test('reaches over chats, is the owner’s alone, and holds no secret', async () => {
    ask(terminal, 'My key is sk-test-abcdefghijklmnop');
    await untilIdle(terminal, 'Who is that?');
    const file = join(folder.home, 'chat-history.jsonl');
    await expect.poll(() => readFile(file, 'utf8')).toContain('My key is');
    expect(await readFile(file, 'utf8')).not.toContain('abcdefghijklmnop');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await using later = folder.open();
    await later.waitFor('anthropic/scripted');
    later.press('up');
    await later.waitFor('My key is');
    later.press('up');
    await later.waitFor('Ask @alice.');
  });
});
