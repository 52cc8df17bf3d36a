import { afterEach, beforeAll, afterAll, describe, expect, test } from 'vitest';

import { processesWith } from '../../fixtures/processes.ts';
import { openProgram, type Terminal } from '../../fixtures/terminal.ts';
import { PROGRAM } from '../../fixtures/command-line.ts';
import { ask, type ChatFolder, openChatFolder, untilIdle } from './fixture.ts';

/** What a terminal is told to leave it as it was: paste mode off, the cursor shown. */
const RESTORED = ['\x1b[?2004l', '\x1b[?25h'];

let folder: ChatFolder;
let terminal: Terminal;

beforeAll(async () => {
  folder = await openChatFolder();
});

afterEach(() => terminal[Symbol.asyncDispose]());

afterAll(() => folder[Symbol.asyncDispose]());

async function opened(): Promise<void> {
  terminal = folder.open();
  await terminal.waitFor('anthropic/scripted');
}

const slowAnswer = () => folder.script(() => ({ type: 'answer', text: 'word '.repeat(2_000), delayMs: 10 }));

describe('Ctrl-C', () => {
  test('stops an answer; the next request is answered', async () => {
    await opened();
    slowAnswer();
    ask(terminal, 'Talk');
    await terminal.waitFor('word word');
    terminal.press('ctrl-c');
    await untilIdle(terminal, 'Stopped.');
    folder.script(() => ({ type: 'answer', text: 'Here I am.' }));
    ask(terminal, 'Still there?');
    await untilIdle(terminal, 'Here I am.');
    expect(await folder.model.requests.at(-2)?.closed).toBe('aborted');
  });

  test('twice leaves also in mid-answer, without a process left behind', async () => {
    await opened();
    slowAnswer();
    ask(terminal, 'Talk');
    await terminal.waitFor('word word');
    terminal.press('ctrl-c', 'ctrl-c');
    expect((await terminal.ended).exitCode).toBe(0);
    for (const sequence of RESTORED) expect(terminal.raw).toContain(sequence);
    expect(await processesWith(folder.cwd)).toEqual([]);
  });

  test('empties the line first, then says how to leave, then leaves', async () => {
    await opened();
    terminal.type('half a thought');
    await terminal.waitFor('half a thought');
    terminal.press('ctrl-c');
    await terminal.waitFor((screen) => !screen.includes('half a thought'));
    terminal.press('ctrl-c');
    expect((await terminal.ended).exitCode).toBe(0);
  });
});

describe('the chat ends', () => {
  test('by Ctrl-D on an empty line', async () => {
    await opened();
    terminal.press('ctrl-d');
    expect((await terminal.ended).exitCode).toBe(0);
  });

  test('by /quit', async () => {
    await opened();
    ask(terminal, '/quit');
    expect((await terminal.ended).exitCode).toBe(0);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('by %s, and gives the terminal back', async (name, exitCode) => {
    await opened();
    slowAnswer();
    ask(terminal, 'Talk');
    await terminal.waitFor('word word');
    terminal.signal(name);
    expect((await terminal.ended).exitCode).toBe(exitCode);
    for (const sequence of RESTORED) expect(terminal.raw).toContain(sequence);
  });
});

test('a crash is reported on a terminal that works again', async () => {
  const crash = 'process.on("SIGUSR2", () => { throw new Error("boom"); })';
  terminal = folder.open({
    env: { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(crash)}` },
  });
  await terminal.waitFor('anthropic/scripted');
  terminal.signal('SIGUSR2');
  expect((await terminal.ended).exitCode).not.toBe(0);
  expect(terminal.text()).toContain('Error: boom');
  const beforeReport = terminal.raw.slice(0, terminal.raw.lastIndexOf('Error: boom'));
  for (const sequence of RESTORED) expect(beforeReport).toContain(sequence);
});

test('Ctrl-Z suspends, and fg brings the chat back', async () => {
  terminal = openProgram('/bin/bash', ['--norc', '--noprofile', '-i'], {
    cwd: folder.cwd,
    home: folder.home,
    columns: 100,
    rows: 30,
    env: { PS1: 'shell> ' },
  });
  await terminal.waitFor('shell>');
  ask(terminal, `"${process.execPath}" "${PROGRAM}" chat --config chat.json`);
  await terminal.waitFor('anthropic/scripted ·');
  terminal.press('ctrl-z');
  await terminal.waitFor('Stopped');
  const before = terminal.raw.length;
  ask(terminal, 'fg');
  // The screen looks as it did before; what tells is that the chat asks the terminal for its keyboard again.
  await terminal.waitFor(() => terminal.raw.slice(before).includes('\x1b[>7u'));
  folder.script(() => ({ type: 'answer', text: 'Back again.' }));
  ask(terminal, 'Hello');
  await untilIdle(terminal, 'Back again.');
  terminal.press('ctrl-d');
  await terminal.waitFor(/shell> *$/);
});
