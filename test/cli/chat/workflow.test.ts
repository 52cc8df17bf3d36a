/** Workflows in a chat: begun by their names, seen as a tree, and part of the conversation. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, describe, expect, test } from 'vitest';

import type { Terminal } from '../../fixtures/terminal.ts';
import { switchyard } from '../../fixtures/command-line.ts';
import { ask, type ChatFolder, openChatFolder, untilIdle } from './fixture.ts';

let folder: ChatFolder;
let terminal: Terminal;

afterEach(async () => {
  await terminal[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const WORKFLOWS = {
  research: {
    description: 'Answers with sources.',
    chain: [
      { name: 'search', agent: { instructions: 'SEARCH', tools: ['agent__*'] } },
      { name: 'write', agent: { instructions: 'WRITE', tools: [] } },
    ],
  },
  sides: {
    parallel: {
      parts: {
        pro: { agent: { instructions: 'PRO', tools: [] } },
        con: { agent: { instructions: 'CON', tools: [] } },
      },
    },
  },
  sum: {
    description: 'Takes two numbers.',
    input: { type: 'object', properties: { a: {}, b: {} }, required: ['a', 'b'] },
    agent: { tools: [] },
  },
  tools: { description: 'Has the name of a command.', agent: { tools: [] } },
};

async function open(args: readonly string[] = [], workflows: object = WORKFLOWS): Promise<void> {
  folder = await openChatFolder({ config: { workflows } as never });
  terminal = folder.open({ args, rows: 40 });
  await terminal.waitFor('anthropic/scripted');
}

const sentTexts = (): string => JSON.stringify(folder.model.requests.at(-1)?.body['messages']);

describe('a line that begins with a workflow', () => {
  test('runs it, shows its branches, and is part of what the next question can refer to', async () => {
    await open();
    folder.script(({ system, userText, toolResults }) => {
      if (system.startsWith('SEARCH') && toolResults.length === 0)
        return { type: 'answer', toolCalls: [{ name: 'agent__weather', arguments: { city: 'Oslo' } }] };
      if (system.startsWith('SEARCH')) return { type: 'answer', text: 'found it' };
      return { type: 'answer', text: `**Result** of ${userText}` };
    });
    ask(terminal, '/research How is Oslo?');
    const screen = await untilIdle(terminal, 'Result of found it');
    expect(screen).toContain('› /research How is Oslo?');
    expect(screen).toMatch(
      /✓ research +[\d.]+ s · \d+ tokens · \$[\d.]+\n {2}✓ 1:search {2}\(agent\).*\n {2}✓ 2:write {2}\(agent\)/,
    );
    // What a branch says and calls is seen in the tree alone.
    expect(screen).not.toContain('agent · weather');
    folder.script(() => ({ type: 'answer', text: 'As I said.' }));
    ask(terminal, 'Are you sure?');
    await untilIdle(terminal, 'As I said.');
    expect(sentTexts()).toMatch(/\/research How is Oslo\?.*\*\*Result\*\* of found it.*Are you sure\?/);

    ask(terminal, '/session oslo');
    await terminal.waitFor(/requests +2/);
    terminal.press('ctrl-d');
    await terminal.ended;
    const shown = await switchyard(['sessions', 'show', 'oslo'], { cwd: folder.cwd, home: folder.home });
    expect(shown.stdout).toMatch(/\/research How is Oslo\?[\s\S]*\*\*Result\*\* of found it/);
  });

  test('gives what is no words as code, and a failure with its branch', async () => {
    await open();
    folder.script(({ system }) => ({ type: 'answer', text: system.startsWith('PRO') ? 'yes' : 'no' }));
    ask(terminal, '/sides Is it?');
    await untilIdle(terminal, /"pro": "yes",\n\s+"con": "no"/);
    folder.script(({ system }) => ({ type: 'answer', text: system.startsWith('PRO') ? 'yes' : '' }));
    ask(terminal, '/sides Is it really?');
    const screen = await untilIdle(terminal, /✗ sides/);
    expect(screen).toMatch(/✗ con {2}\(agent\) .*(answer|empty)/i);
  });

  test('that does not fit what it takes is refused with what it takes, and one with nothing behind it', async () => {
    await open();
    ask(terminal, '/sum twelve');
    await untilIdle(terminal, 'does not fit what the workflow "sum" takes');
    ask(terminal, '/sum');
    await untilIdle(terminal, 'Write what the workflow is given behind it: /sum …');
    ask(terminal, '/summ 1');
    await untilIdle(terminal, 'There is no command and no workflow /summ. The nearest is /sum');
    folder.script(({ userText }) => ({ type: 'answer', text: `sum of ${userText.replaceAll(/\s/g, '')}` }));
    ask(terminal, '/sum {"a": 1, "b": 2}');
    await untilIdle(terminal, 'sum of {"a":1,"b":2}');
  });
});

test('a command of the chat wins over a workflow of its name, which is told; the others are completed and listed', async () => {
  await open();
  await terminal.waitFor(
    '/tools is a command of the chat: the workflow "tools" is begun by --workflow tools',
  );
  ask(terminal, '/help');
  const help = await untilIdle(terminal, 'Workflows of the config');
  expect(help).toMatch(/\/research … +Answers with sources\.\n.*\/sides …\n.*\/sum … +Takes two numbers\./);
  terminal.type('/rese');
  await terminal.waitFor(/\/research +Answers with sources\.\n/);
});

test('--workflow takes plain lines, and an unknown one ends the program with what there is', async () => {
  await open(['--workflow', 'research']);
  await terminal.waitFor('Lines go to the workflow research.');
  folder.script(({ system, userText }) => ({ type: 'answer', text: `${system.slice(0, 5)} ${userText}` }));
  ask(terminal, 'How is Oslo?');
  await untilIdle(terminal, 'WRITE SEARC How is Oslo?');
  const piped = await switchyard(['chat', '--config', 'chat.json', '--workflow', 'research'], {
    cwd: folder.cwd,
    home: folder.home,
    input: 'one\n/sides two\n',
  });
  expect(piped.stdout).toMatch(/^WRITE SEARC one\n\{\n {2}"pro": "PRO.*two",\n/);
  const unknown = await switchyard(['chat', '--config', 'chat.json', '--workflow', 'reserch'], {
    cwd: folder.cwd,
    home: folder.home,
    input: 'one\n',
  });
  expect(unknown).toMatchObject({ code: 2, stdout: '' });
  expect(unknown.stderr).toContain('There is no workflow "reserch". There are research, sides, sum, tools.');
});

test('a workflow that is stopped keeps its tree as it was left, and an edit of the config brings another', async () => {
  await open();
  const stuck = Promise.withResolvers<void>();
  folder.script(async ({ system }) => {
    if (system.startsWith('CON')) await stuck.promise;
    return { type: 'answer', text: 'fine' };
  });
  ask(terminal, '/sides Is it?');
  await terminal.waitFor(/✓ pro.*\n {2}○ con {2}\(agent\) anthropic\/scripted/);
  terminal.press('ctrl-c');
  await untilIdle(terminal, /– sides {2}Stopped\..*\n {2}✓ pro.*\n {2}– con/);
  stuck.resolve();
  const config = JSON.parse(
    JSON.stringify({ workflows: { late: { description: 'Later.', agent: { tools: [] } } } }),
  ) as object;
  await writeFile(join(folder.cwd, 'chat.json'), JSON.stringify(config));
  await terminal.waitFor('was changed and is in use');
  terminal.type('/la');
  await terminal.waitFor(/\/late +Later\./);
});
