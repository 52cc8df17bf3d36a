/** Questions that come by themselves: an approval while something is typed, and a config that another program edits. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { ask, type ChatFolder, fixtureServer, openChatFolder, untilIdle } from './fixture.ts';

let folder: ChatFolder;

beforeAll(async () => {
  folder = await openChatFolder();
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

test('letters of what is being typed answer no question, until Tab turns to it', async () => {
  const typed = Promise.withResolvers<void>();
  folder.script(async (request) => {
    if (request.toolResults.length > 0) return { type: 'answer', text: 'Ordered.' };
    await typed.promise;
    return { type: 'answer', toolCalls: [{ name: 'agent__order', arguments: { thing: 'tea' } }] };
  });
  await using terminal = folder.open();
  await terminal.waitFor('anthropic/scripted');
  ask(terminal, 'Order tea');
  await terminal.waitFor('Ctrl-C stops');
  terminal.type('and then sa');
  await terminal.waitFor('and then sa');
  typed.resolve();
  await terminal.waitFor('Tab turns to the question');
  terminal.type('y yes');
  await terminal.waitFor('and then say yes');
  expect(await folder.ledger()).toBe('');
  terminal.press('tab');
  await terminal.waitFor((screen) => !screen.includes('Tab turns'));
  terminal.type('y');
  // What was typed is still there.
  await terminal.waitFor(/Ordered\.[\s\S]*and then say yes/);
  expect(await folder.ledger()).toBe('order tea\n');
});

test('a server that an edit adds is asked about: no leaves it out, yes brings it in', async () => {
  const file = join(folder.cwd, 'chat.json');
  const config = JSON.parse(await readFile(file, 'utf8')) as { mcpServers: object };
  const withServer = (mark: string) =>
    JSON.stringify({
      ...config,
      mcpServers: { ...config.mcpServers, added: fixtureServer('everything', mark) },
    });
  await using terminal = folder.open();
  await terminal.waitFor('anthropic/scripted');
  await writeFile(file, withServer('first'));
  await terminal.waitFor(/added: starts [\s\S]*\sfirst\s[\s\S]*Use it\?/);
  terminal.type('n');
  await terminal.waitFor((screen) => !screen.includes('Use it?'));
  ask(terminal, '/servers');
  await terminal.waitFor(/agent +(ready|idle|connecting)/);
  expect(terminal.screen()).not.toMatch(/^added /m);
  await writeFile(file, withServer('second'));
  await terminal.waitFor(/added: starts [\s\S]*\ssecond\s[\s\S]*Use it\?/);
  terminal.type('y');
  await terminal.waitFor('is in use (servers: + added)');
  ask(terminal, '/servers');
  await untilIdle(terminal, /^added +(ready|idle|connecting)/m);
});
