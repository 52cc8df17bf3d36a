import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Terminal } from '../../fixtures/terminal.ts';
import { ask, type ChatFolder, fixtureServer, openChatFolder, untilIdle } from './fixture.ts';

let folder: ChatFolder;
let terminal: Terminal;

beforeAll(async () => {
  folder = await openChatFolder({ servers: { desk: fixtureServer('chat-tools') } });
  terminal = folder.open({ rows: 40 });
  await terminal.waitFor('anthropic/scripted');
});

afterAll(async () => {
  await terminal[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** The model calls this tool once and repeats its answer. */
function callTool(name: string, args = {}): void {
  folder.script((request, n) =>
    n === 0
      ? { type: 'answer', toolCalls: [{ name: `desk__${name}`, arguments: args }] }
      : { type: 'answer', text: `Told: ${request.toolResults.at(-1)?.text}` },
  );
}

describe('a form', () => {
  test('has a field for every kind, with defaults, and is sent when it fits', async () => {
    callTool('form');
    ask(terminal, 'Book a seat');
    const asked = await terminal.waitFor('Decline');
    expect(asked).toContain('The server desk asks:\nHow do you want to travel?');
    expect(asked).toMatch(/› Your name \(characters from 2; required\)/);
    expect(asked).toMatch(/age \(whole number, from 18, to 120; required\)/);
    expect(asked).toMatch(/Window seat\n +◉ yes {2}○ no/);
    expect(asked).toMatch(/class\n +○ first {2}◉ second/);
    terminal.type('A');
    terminal.press('tab');
    terminal.type('17');
    terminal.press('tab', 'right', 'tab', 'left', 'tab', 'right', 'space', 'tab', 'enter');
    await terminal.waitFor(/age: must be >= 18/);
    expect(terminal.screen()).toMatch(/name: must NOT have fewer than 2 characters/);
    terminal.type('da');
    terminal.press('tab', 'backspace');
    terminal.type('8');
    terminal.press('enter', 'enter', 'enter', 'enter', 'enter');
    const screen = await untilIdle(terminal, /Told:[\s\S]*got/);
    expect(screen.replaceAll(/\n\s*/g, '')).toContain(
      '{"action":"accept","content":{"name":"Ada","age":18,"window":false,"class":"first","meals":["dinner"]}}',
    );
  });

  test('is cancelled by Esc and declined by its button', async () => {
    ask(terminal, '/new');
    callTool('form');
    ask(terminal, 'Book another');
    await terminal.waitFor('Decline');
    terminal.press('escape');
    await untilIdle(terminal, '"action":"cancel"');
    callTool('form');
    ask(terminal, 'Book a third');
    await terminal.waitFor('Decline');
    terminal.press('up', 'enter');
    await untilIdle(terminal, '"action":"decline"');
  });
});

describe('an address to open', () => {
  test('is shown whole with its host, and nothing opens it', async () => {
    ask(terminal, '/new');
    callTool('link', { url: 'https://login.example.com/path?with=a&long=query' });
    ask(terminal, 'Log in');
    const asked = await terminal.waitFor('y I will open it');
    expect(asked).toContain('https://login.example.com/path?with=a&long=query');
    expect(asked).toContain('Host: login.example.com');
    terminal.type('y');
    await untilIdle(terminal, '"action":"accept"');
  });

  test('whose letters only look Latin gives itself away', async () => {
    ask(terminal, '/new');
    callTool('link', { url: 'http://ex\u0430mple.com/' });
    ask(terminal, 'Log in there');
    const asked = await terminal.waitFor('y I will open it');
    expect(asked).toContain('Host: xn--exmple-4nf.com');
    expect(asked).toContain('not encrypted');
    expect(asked).toContain('not what they look like');
    terminal.type('n');
    await untilIdle(terminal, '"action":"decline"');
  });
});

describe('a call that takes its time', () => {
  test('tells of its progress, and of the time it takes', async () => {
    ask(terminal, '/new');
    callTool('progress');
    ask(terminal, 'Wait');
    await terminal.waitFor('└ 3/10 three of ten');
    await terminal.waitFor(/○ desk · progress {2}1 s/);
    terminal.press('ctrl-c');
    await untilIdle(terminal, 'Stopped.');
  });
});

test('a result with escapes and look-alike letters is shown without the ones and with a word on the others', async () => {
  ask(terminal, '/new');
  callTool('say', { text: '\x1b[31mred\x1b[0m p\u0430ypal.com \u202Eevil\x07' });
  ask(terminal, 'Say it');
  const screen = await untilIdle(terminal, 'Told:');
  expect(screen).toContain('red p\u0430ypal.com evil');
  expect(screen).toContain('Letters of another alphabet that look like Latin ones: p\u0430ypal.com (U+0430)');
});
