import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Terminal } from '../../fixtures/terminal.ts';
import { ask, type ChatFolder, openChatFolder, untilIdle } from './fixture.ts';

let folder: ChatFolder;
let terminal: Terminal;

beforeAll(async () => {
  folder = await openChatFolder();
  terminal = folder.open();
  await terminal.waitFor('anthropic/scripted');
});

afterAll(async () => {
  await terminal[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

describe('an answer', () => {
  test('streams as Markdown with highlighted code, and thinking is one line', async () => {
    folder.script(() => ({
      type: 'answer',
      thinking: 'A deep thought.',
      signature: 's',
      text: '# Title\n\nIt is **bold** and:\n\n```ts\nconst answer: number = 42;\n```\n',
      delayMs: 5,
    }));
    ask(terminal, 'Show me code');
    const screen = await untilIdle(terminal, 'answer: number = 42;');
    expect(screen).toMatch(/› Show me code\n\n▸ thinking … \d+ ms\n\nTitle\n\nIt is bold and:/);
    expect(screen).not.toContain('A deep thought.');
    // Keyword and number have colours of their own.
    expect(terminal.raw).toContain('\x1b[35mconst\x1b[39m');
    expect(terminal.raw).toContain('\x1b[33m42\x1b[39m');
  });

  test('Ctrl-O unfolds the thinking, and folds it again', async () => {
    terminal.press('ctrl-o');
    await terminal.waitFor('A deep thought.');
    terminal.press('ctrl-o');
    await terminal.waitFor((screen) => !screen.includes('A deep thought.'));
  });

  test('shows a call with server, arguments, time and outcome; parallel calls stand side by side', async () => {
    folder.script((_request, n) =>
      n === 0
        ? {
            type: 'answer',
            toolCalls: [
              { name: 'agent__weather', arguments: { city: 'Slow' } },
              { name: 'agent__weather', arguments: { city: 'Oslo' } },
              { name: 'agent__picture' },
            ],
          }
        : { type: 'answer', text: 'Both are warm.' },
    );
    ask(terminal, 'How warm?');
    const screen = await untilIdle(terminal, 'Both are warm.');
    expect(screen).toMatch(/✓ agent · weather \{"city":"Slow"\} {2}\d+ ms, 16 B\n {2}Slow: 21 degrees/);
    expect(screen).toMatch(/✓ agent · weather \{"city":"Oslo"\} {2}\d+ ms, 16 B\n {2}Oslo: 21 degrees/);
  });

  test('a long result is folded and unfolds by a key', async () => {
    folder.script((_request, n) =>
      n === 0
        ? { type: 'answer', toolCalls: [{ name: 'agent__long' }] }
        : { type: 'answer', text: 'That was long.' },
    );
    ask(terminal, 'At length');
    const folded = await untilIdle(terminal, 'That was long.');
    expect(folded).toMatch(/… [\d,]+ more lines \(Ctrl-O\)/);
    expect(folded.split('a long line').length - 1).toBe(3);
    terminal.press('ctrl-o');
    await terminal.waitFor((screen) => screen.split('a long line').length > 5);
    terminal.press('ctrl-o');
    await terminal.waitFor('more lines (Ctrl-O)');
  });

  test('a retry drops what was said before it', async () => {
    folder.script((_request, n) =>
      n === 0
        ? { type: 'answer', text: 'This will be void, all of it.', interrupt: { after: 6, by: 'reset' } }
        : { type: 'answer', text: 'This stays.' },
    );
    ask(terminal, 'Stumble');
    const screen = await untilIdle(terminal, 'This stays.');
    expect(screen).toContain('Starting over (retry)');
    expect(screen).not.toContain('will be void');
  });

  test('terminal escapes and hidden characters are not passed on', async () => {
    folder.script(() => ({
      type: 'answer',
      text: 'safe\x1b[2J\x1b]0;owned\x07 te\u202Ext \u200Bhere\x9b31m',
    }));
    const before = terminal.raw.length;
    ask(terminal, 'Attack');
    const screen = await untilIdle(terminal, 'safe text here');
    expect(screen).toContain('safe text here');
    const written = terminal.raw.slice(before);
    for (const evil of ['owned', '\x1b[2J\x1b]', '\u202E', '\u200B', '\x9b'])
      expect(written).not.toContain(evil);
  });

  test('the status line tells model, tokens, cost and how full the context is', async () => {
    const screen = terminal.screen();
    expect(screen).toMatch(
      /anthropic\/scripted · [\d.]+k? in \d+ out · cost \$\d+\.\d\d · context 1% · work$/,
    );
  });
});
