import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { PROGRAM, switchyard } from '../../fixtures/command-line.ts';
import { processesWith } from '../../fixtures/processes.ts';
import { openProgram, type Terminal } from '../../fixtures/terminal.ts';
import { ask, type ChatFolder, openChatFolder, untilIdle } from './fixture.ts';

const PROMPT = 'y yes  n no  a always here  s in this session  w everywhere  e edit the arguments';

let folder: ChatFolder;
let terminal: Terminal;

beforeAll(async () => {
  folder = await openChatFolder({
    servers: { filesystem: { builtin: 'filesystem', roots: ['.'] } },
  });
  terminal = folder.open();
  await terminal.waitFor('anthropic/scripted');
});

afterAll(async () => {
  await terminal[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** The model asks for these orders, and says what came of them. */
function orders(...things: string[]): void {
  folder.script((request, n) =>
    n === 0
      ? {
          type: 'answer',
          toolCalls: things.map((thing) => ({ name: 'agent__order', arguments: { thing } })),
        }
      : { type: 'answer', text: `Told: ${request.toolResults.at(-1)?.text}` },
  );
}

beforeEach(() => orders('tea'));

describe('a call that is not read-only', () => {
  test('is shown with tool, server and arguments, and y runs it', async () => {
    ask(terminal, 'Order tea');
    const asked = await terminal.waitFor(PROMPT);
    expect(asked).toContain('Allow agent__order of the server agent?');
    expect(asked).toContain('"thing": "tea"');
    expect(await folder.ledger()).toBe('');
    terminal.type('y');
    await untilIdle(terminal, /Told:[\s\S]*ordered tea/);
    expect(await folder.ledger()).toBe('order tea\n');
  });

  test('n denies it; the model is told and goes on', async () => {
    ask(terminal, 'Order again');
    await terminal.waitFor(PROMPT);
    terminal.type('n');
    const screen = await untilIdle(terminal, 'was not run');
    expect(screen).toMatch(/✗ agent · order \{"thing":"tea"\} {2}denied/);
    expect(await folder.ledger()).toBe('order tea\n');
  });

  test('Esc denies it as well', async () => {
    ask(terminal, 'Once more');
    await terminal.waitFor(PROMPT);
    terminal.press('escape');
    await untilIdle(terminal, /Once more[\s\S]*was not run/);
    expect(await folder.ledger()).toBe('order tea\n');
  });

  test('e edits the arguments: what is no JSON is refused, Esc goes back, Enter runs it', async () => {
    ask(terminal, 'Order something');
    await terminal.waitFor(PROMPT);
    terminal.type('e');
    await terminal.waitFor('Enter run it with these arguments');
    terminal.press('escape');
    await terminal.waitFor(PROMPT);
    terminal.type('e');
    await terminal.waitFor('Enter run it with these arguments');
    terminal.type(' nonsense');
    terminal.press('enter');
    await terminal.waitFor('That is not JSON');
    for (const _ of ' nonsense') terminal.press('backspace');
    terminal.press('up', 'end');
    for (const _ of 'tea"') terminal.press('backspace');
    terminal.type('cocoa"');
    terminal.press('enter');
    await untilIdle(terminal, /Order something[\s\S]*ordered cocoa/);
    expect(await folder.ledger()).toBe('order tea\norder cocoa\n');
  });

  test('several wait for each other, each with its own answer', async () => {
    orders('milk', 'sugar');
    ask(terminal, 'Order both');
    await terminal.waitFor((screen) => screen.includes('"thing": "milk"') && screen.includes(PROMPT));
    terminal.type('n');
    await terminal.waitFor((screen) => screen.includes('"thing": "sugar"') && screen.includes(PROMPT));
    terminal.type('y');
    await untilIdle(terminal, 'ordered sugar');
    expect(await folder.ledger()).toBe('order tea\norder cocoa\norder sugar\n');
  });

  test('hidden characters among the arguments are seen, and can be edited away', async () => {
    orders('t\u202Eae');
    ask(terminal, 'Order the hidden');
    await terminal.waitFor((screen) => screen.includes('"thing": "t\\u202eae"') && screen.includes(PROMPT));
    terminal.type('n');
    await untilIdle(terminal, /Order the hidden[\s\S]*was not run/);
  });

  test('an edit of a file is shown as a diff in colours', async () => {
    await writeFile(join(folder.cwd, 'note.txt'), 'first line\nsecond line\n');
    folder.script((_request, n) =>
      n === 0
        ? {
            type: 'answer',
            toolCalls: [
              {
                name: 'filesystem__write_file',
                arguments: { path: 'note.txt', content: 'first line\nchanged line\n' },
              },
            ],
          }
        : { type: 'answer', text: 'Left alone.' },
    );
    ask(terminal, 'Change the note');
    const screen = await terminal.waitFor(PROMPT);
    expect(screen).toContain('-second line');
    expect(screen).toContain('+changed line');
    expect(terminal.raw).toContain('\x1b[31m-second line');
    expect(terminal.raw).toContain('\x1b[32m+changed line');
    terminal.type('n');
    await untilIdle(terminal, 'Left alone.');
  });

  test('a allows the tool in this folder from here on', async () => {
    ask(terminal, 'Order always');
    await terminal.waitFor(PROMPT);
    terminal.type('a');
    await untilIdle(terminal, /Order always[\s\S]*ordered tea/);
    orders('coffee');
    ask(terminal, 'Order unasked');
    await untilIdle(terminal, 'ordered coffee');
    expect(await folder.ledger()).toMatch(/order tea\norder coffee\n$/);
  });
});

test('answered from another terminal, the question goes away and the chat goes on', async () => {
  await using other = await openChatFolder();
  await using asking = other.open();
  await asking.waitFor('anthropic/scripted');
  other.script((request, n) =>
    n === 0
      ? { type: 'answer', toolCalls: [{ name: 'agent__order', arguments: { thing: 'tea' } }] }
      : { type: 'answer', text: `Told: ${request.toolResults.at(-1)?.text}` },
  );
  ask(asking, 'Order tea');
  const screen = await asking.waitFor((shown) => shown.includes(PROMPT) && /approve \w{8}"/.test(shown));
  const id = /approve (\w{8})"/.exec(screen)?.[1] ?? '';
  const approved = await switchyard(['approvals', 'approve', id, '--config', 'chat.json'], other);
  expect(approved.code).toBe(0);
  expect(await untilIdle(asking, 'ordered tea')).not.toContain(PROMPT);
  expect(await other.ledger()).toBe('order tea\n');
});

test('the terminal is closed while a call is asked about: nothing runs, and the program ends', async () => {
  await using other = await openChatFolder();
  const asking = other.open();
  await asking.waitFor('anthropic/scripted');
  other.script(() => ({
    type: 'answer',
    toolCalls: [{ name: 'agent__order', arguments: { thing: 'tea' } }],
  }));
  ask(asking, 'Order tea');
  await asking.waitFor(PROMPT);
  asking.close();
  await asking.ended;
  expect(await other.ledger()).toBe('');
});

test('the input ends while a call is asked about: that is no, the run goes on, and the program ends behind it', async () => {
  await using other = await openChatFolder();
  // In a session of its own no signal tells the program that its terminal is closed.
  const asking = openProgram(
    'setsid',
    ['--wait', process.execPath, PROGRAM, 'chat', '--config', 'chat.json'],
    {
      cwd: other.cwd,
      home: other.home,
      columns: 100,
      rows: 30,
    },
  );
  await asking.waitFor('anthropic/scripted');
  other.script((_request, n) =>
    n === 0
      ? { type: 'answer', toolCalls: [{ name: 'agent__order', arguments: { thing: 'tea' } }] }
      : { type: 'answer', text: 'Understood.' },
  );
  ask(asking, 'Order tea');
  await asking.waitFor(PROMPT);
  asking.close();
  await expect.poll(() => other.model.requests.length, { timeout: 20_000 }).toBe(2);
  expect(other.model.requests[1]?.toolResults[0]?.text).toContain('was not run');
  expect(await other.ledger()).toBe('');
  await expect.poll(() => processesWith(other.cwd), { timeout: 20_000 }).toEqual([]);
});
