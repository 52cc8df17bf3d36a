import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { openTerminal, type Terminal } from '../../fixtures/terminal.ts';
import { ask, type ChatFolder, fixtureServer, openChatFolder, untilIdle } from './fixture.ts';

let folder: ChatFolder;
let terminal: Terminal;

beforeAll(async () => {
  folder = await openChatFolder();
});

afterEach(() => terminal[Symbol.asyncDispose]());

afterAll(() => folder[Symbol.asyncDispose]());

const models = () => ({
  default: { model: 'anthropic/scripted', baseUrl: folder.model.url, apiKey: 'sk-test-abcdefghijklmnop' },
});

describe('an edit of the config', () => {
  test('is told in the chat; an error in it is told too, and what was before stays in use', async () => {
    const file = join(folder.cwd, 'live.json');
    await writeFile(file, JSON.stringify({ mcpServers: {}, models: models() }));
    terminal = folder.open({ args: ['--config', 'live.json'] });
    await terminal.waitFor('anthropic/scripted ·');
    await writeFile(file, JSON.stringify({ mcpServers: {}, models: models(), budget: { maxTurns: 3 } }));
    await terminal.waitFor(/live\.json[\s\S]*budget/);
    await writeFile(file, '{ "mcpServers": ');
    await terminal.waitFor(/live\.json[\s\S]*in use/);
    folder.script(() => ({ type: 'answer', text: 'Still here.' }));
    ask(terminal, 'Hello');
    await untilIdle(terminal, 'Still here.');
  });

  test('that starts a program waits for a yes, at the beginning and in the chat', async () => {
    const cwd = join(folder.cwd, 'project');
    await mkdir(cwd);
    const file = join(cwd, 'mcp.config.json');
    const first = { first: fixtureServer('chat-tools') };
    await writeFile(file, JSON.stringify({ mcpServers: first, models: models() }));
    terminal = openTerminal({ cwd, home: folder.home });
    await terminal.waitFor(/would start[\s\S]*first[\s\S]*Use it\?/);
    ask(terminal, 'y');
    await terminal.waitFor('anthropic/scripted ·');
    const both = { ...first, second: fixtureServer('everything') };
    await writeFile(file, JSON.stringify({ mcpServers: both, models: models() }));
    const asked = await terminal.waitFor(/would start[\s\S]*second[\s\S]*y yes {2}n no/);
    expect(asked.split('would start').at(-1)).not.toContain('first:');
    terminal.type('y');
    await terminal.waitFor('is in use (servers: +');
    ask(terminal, '/tools add');
    await terminal.waitFor('second__add');
  });
});

describe('without a model', () => {
  test('the chat says so, and what would help', async () => {
    await writeFile(join(folder.cwd, 'none.json'), JSON.stringify({ mcpServers: {} }));
    terminal = folder.open({ args: ['--config', 'none.json'] });
    await terminal.waitFor(/No model is in reach[\s\S]*no model ·/);
    ask(terminal, 'Who is there?');
    await untilIdle(terminal, 'no retrieval server is there to quote from');
  });

  test('it quotes, with a banner and the place of each quote', async () => {
    const cwd = join(folder.cwd, 'library');
    await mkdir(join(cwd, 'docs'), { recursive: true });
    await writeFile(
      join(cwd, 'docs', 'harbour.md'),
      '# Harbour\n\nThe harbour master of Port Ellen is called Moira.\n\nShips wait at buoy seven.\n',
    );
    const servers = { retrieval: { builtin: 'retrieval', sources: ['docs'] } };
    await writeFile(join(cwd, 'quote.json'), JSON.stringify({ mcpServers: servers }));
    terminal = openTerminal({ cwd, home: folder.home, args: ['--config', 'quote.json'] });
    await terminal.waitFor('no model ·');
    ask(terminal, 'Who is the harbour master of Port Ellen?');
    const screen = await untilIdle(terminal, '└ docs/harbour.md:3');
    expect(screen).toContain('No language model is set up: these are quotes');
    expect(screen).toContain('The harbour master of Port Ellen is called Moira.');
    expect(screen).toContain('set ANTHROPIC_API_KEY');
  });
});
