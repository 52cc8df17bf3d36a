import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { switchyard } from '../../fixtures/command-line.ts';
import type { Terminal } from '../../fixtures/terminal.ts';
import { ask, type ChatFolder, openChatFolder, untilIdle } from './fixture.ts';

let folder: ChatFolder;
let terminal: Terminal | undefined;

beforeAll(async () => {
  folder = await openChatFolder();
});

afterEach(async () => {
  await terminal?.[Symbol.asyncDispose]();
  terminal = undefined;
});

afterAll(() => folder[Symbol.asyncDispose]());

const TABLE = '| city | weather |\n|---|---|\n| Oslo | mild |\n';

async function answered(options: Parameters<ChatFolder['open']>[0], text: string): Promise<Terminal> {
  folder.script((_request, n) =>
    n === 0
      ? { type: 'answer', toolCalls: [{ name: 'agent__weather', arguments: { city: 'Oslo' } }] }
      : { type: 'answer', text },
  );
  const opened = folder.open(options);
  terminal = opened;
  await opened.waitFor('scripted');
  ask(opened, 'Hello');
  await untilIdle(opened, 'The end.');
  return opened;
}

const lineLengths = (screen: string): number[] => screen.split('\n').map((line) => line.length);

describe('a narrow terminal', () => {
  test('of 60 columns shows everything in shorter words', async () => {
    const opened = await answered({ columns: 60 }, `${TABLE}\n${'long words '.repeat(20)}\n\nThe end.`);
    expect(Math.max(...lineLengths(opened.screen()))).toBeLessThanOrEqual(60);
    expect(opened.screen()).toMatch(/✓ agent · weather \{"city":"Oslo"\} {2}\d+ ms, 16 B/);
    expect(opened.screen()).toMatch(/\nanthropic\/scripted · 200\/40 · cost \$0\.40 · context 1% · work$/);
  });

  test('of 40 columns keeps model and context', async () => {
    const opened = await answered({ columns: 40 }, `${TABLE}\nThe end.`);
    expect(Math.max(...lineLengths(opened.screen()))).toBeLessThanOrEqual(40);
    expect(opened.screen()).toMatch(/scripted · .*ctx 1%$/);
    expect(opened.screen()).toMatch(/✓ agent · weather/);
  });

  test('asks for an approval at 40 columns', async () => {
    folder.script((_request, n) =>
      n === 0
        ? { type: 'answer', toolCalls: [{ name: 'agent__order', arguments: { thing: 'tea' } }] }
        : { type: 'answer', text: 'The end.' },
    );
    const opened = folder.open({ columns: 40 });
    terminal = opened;
    await opened.waitFor('scripted');
    ask(opened, 'Order');
    const asked = await opened.waitFor(/e edit the\s+arguments/);
    expect(Math.max(...lineLengths(asked))).toBeLessThanOrEqual(40);
    opened.type('n');
    await untilIdle(opened, 'The end.');
  });
});

test('a resize in mid-stream draws everything anew at the other width', async () => {
  folder.script(() => ({ type: 'answer', text: `${'word '.repeat(120)}\n\nThe end.`, delayMs: 4 }));
  const opened = folder.open({ columns: 100 });
  terminal = opened;
  await opened.waitFor('scripted');
  ask(opened, 'Talk');
  await opened.waitFor('word word');
  opened.resize(50, 20);
  opened.resize(70, 25);
  const screen = await untilIdle(opened, 'The end.');
  expect(Math.max(...lineLengths(screen))).toBeLessThanOrEqual(70);
  const words = opened.text().split('Talk')[1]?.match(/word/g) ?? [];
  expect(words).toHaveLength(120);
});

describe('what a terminal cannot show', () => {
  test('NO_COLOR: no colour, and everything else', async () => {
    const opened = await answered({ env: { NO_COLOR: '1' } }, '```ts\nconst a = 1;\n```\n\nThe end.');
    expect(opened.screen()).toContain('const a = 1;');
    // Select Graphic Rendition with a colour: 30–37, 40–47, 90–107, 38 and 48.
    expect(
      opened.raw.match(new RegExp(`${ESCAPE}\\[(?:\\d+;)*(?:3[0-8]|4[0-8]|9\\d|10\\d)(?:;\\d+)*m`, 'g')),
    ).toBeNull();
  });

  test('no UTF-8: the signs of the chat are ASCII', async () => {
    const opened = await answered({ env: { LANG: 'C' } }, `${TABLE}\n- one\n\n> quote\n\nThe end.`);
    expect(opened.screen()).toMatch(/\+ agent \| weather/);
    expect(opened.screen()).toContain('| Oslo | mild    |');
    expect(opened.raw).toMatch(/^\p{ASCII}*$/u);
  });

  test('TERM=dumb: a conversation by lines', async () => {
    folder.script((request) => ({ type: 'answer', text: `You said ${request.userText}.` }));
    const opened = folder.open({ env: { TERM: 'dumb' } });
    terminal = opened;
    await opened.waitFor('A line is a request.');
    ask(opened, 'hello');
    await opened.waitFor('You said hello.');
    ask(opened, '/quit');
    expect((await opened.ended).exitCode).toBe(0);
    expect(opened.raw).not.toContain(`${ESCAPE}[?2004h`);
  });

  test('a pipe: every line is a request, and stdout holds the answers alone', async () => {
    folder.script((request) => ({ type: 'answer', text: `${request.userText}!` }));
    const { stdout, code } = await switchyard(['chat', '--config', 'chat.json'], {
      cwd: folder.cwd,
      home: folder.home,
      input: 'one\ntwo\n',
    });
    expect({ stdout, code }).toEqual({ stdout: 'one!\ntwo!\n', code: 0 });
  });
});

const ESCAPE = '\x1b';
