import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { expect, test } from 'vitest';

import { type Finished, PROGRAM, switchyard } from '../fixtures/command-line.ts';
import { type ModelServer, startModelServer } from '../fixtures/model/model-server.ts';
import type { ModelReply } from '../fixtures/model/reply.ts';
import type { ScriptedRequest } from '../fixtures/model/request.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { openProgram } from '../fixtures/terminal.ts';
import { exampleEnvironment, exampleFolder } from './example-program.ts';

const LETTER = 'My reading lamp from order 4711 went dark after three weeks. I want my money back.';
const BIG_LETTER = 'The chandelier from order 4712 fell from the ceiling. I want my money back.';
const CONFIG = ['--config', 'mcp.config.json'];

test('a refund waits for a person, and is made once when it is approved from another terminal', async () => {
  await using shop = await openShop();
  const run = await shop.switchyard('run', '--workflow', 'support', LETTER);
  expect(run.code, run.stderr).toBe(4);
  expect(run.stdout).toBe('');
  expect(run.stderr).toMatch(/desk[\s\S]*technical[\s\S]*billing[\s\S]*shop__refund waits for a yes/);
  expect(shop.refunds()).toEqual([]);

  const id = /approve\|deny (\w+)/.exec(run.stderr)?.[1] ?? '';
  const approved = await shop.switchyard('approvals', 'approve', id);
  expect(approved.code, approved.stderr).toBe(0);
  expect(approved.stdout).toBe('39.9 euro are on their way to you.\n');
  expect(shop.refunds()).toEqual([{ order: 4711, amount_euro: 39.9 }]);

  const again = await shop.switchyard('approvals', 'approve', id);
  expect(again.code).not.toBe(0);
  expect(shop.refunds()).toHaveLength(1);
});

test('at the terminal a no is told to the model, and a yes refunds', async () => {
  await using shop = await openShop();
  for (const [key, answer] of [
    ['n', 'A person will write to you.'],
    ['y', '39.9 euro are on their way to you.'],
  ] as const) {
    await using terminal = openProgram(
      process.execPath,
      [PROGRAM, 'run', ...CONFIG, '--workflow', 'support', LETTER],
      { ...shop.surroundings, columns: 120, rows: 50 },
    );
    await terminal.waitFor('Allow shop__refund', 15_000);
    expect(terminal.text()).toContain('Money leaves the shop.');
    expect(shop.refunds()).toEqual([]);
    terminal.type(`${key}\r`);
    const { exitCode } = await terminal.ended;
    expect(exitCode, terminal.text()).toBe(0);
    expect(terminal.text()).toContain(answer);
  }
  expect(shop.refunds()).toHaveLength(1);
});

test('what a rule denies is not asked about', async () => {
  await using shop = await openShop();
  const run = await shop.switchyard('run', '--workflow', 'support', '--yes', BIG_LETTER);
  expect(run.code, run.stderr).toBe(0);
  expect(run.stdout).toBe('A person will write to you.\n');
  expect(shop.refunds()).toEqual([]);
  expect(shop.model.requests.at(-1)?.toolResults.at(-1)?.text).toContain('are made by the owner. Go on');
});

test('a question in general goes another way, to an agent that cannot refund', async () => {
  await using shop = await openShop();
  const run = await shop.switchyard('run', '--workflow', 'support', 'When are you open?');
  expect(run.code, run.stderr).toBe(0);
  expect(run.stdout).toContain('from Tuesday to Saturday');
  expect(shop.model.requests.at(-1)?.toolNames).toEqual(['shop__about']);
});

interface Shop extends AsyncDisposable {
  readonly model: ModelServer;
  readonly surroundings: {
    readonly cwd: string;
    readonly home: string;
    readonly env: Record<string, string>;
  };
  switchyard(...args: string[]): Promise<Finished>;
  refunds(): unknown[];
}

async function openShop(): Promise<Shop> {
  const folder = await temporaryFolder('shop');
  const model = await startModelServer({ script });
  const file = join(folder.path, 'shop.db');
  const surroundings = {
    cwd: exampleFolder('support-router'),
    home: folder.path,
    env: { ...exampleEnvironment(model.url), SHOP_FILE: file },
  };
  return {
    model,
    surroundings,
    switchyard: (command = '', ...args) => {
      const [name, ...rest] = command === 'approvals' ? args : [];
      const words = name === undefined ? [command, ...CONFIG, ...args] : [command, name, ...CONFIG, ...rest];
      return switchyard(words, surroundings);
    },
    refunds: () => {
      using database = new DatabaseSync(file, { timeout: 10_000 });
      database.exec(
        'CREATE TABLE IF NOT EXISTS refunds (key TEXT PRIMARY KEY, "order" INTEGER, amount_euro REAL)',
      );
      return database
        .prepare('SELECT "order", amount_euro FROM refunds')
        .all()
        .map((row) => ({ ...row }));
    },
    async [Symbol.asyncDispose]() {
      await model[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function script({ system, userText, toolResults }: ScriptedRequest): ModelReply {
  const last = toolResults.at(-1)?.text ?? '';
  if (system.startsWith('You decide')) {
    const route = userText.includes('order') ? 'desk' : 'questions';
    return calls('answer', { route, confidence: 0.9, reason: 'By its words.' });
  }
  if (system.startsWith('You answer customers'))
    return last === '' ? calls('shop__about', {}) : { type: 'answer', text: last };
  const order = Number(/order (\d+)/.exec(userText)?.[1]);
  if (system.startsWith('You help customers')) {
    const steps = [
      calls('shop__find_order', { order }),
      calls('shop__known_faults', { lamp: 'reading lamp' }),
      calls('transfer_to_billing', { reason: 'It cannot be repaired.' }),
    ];
    return steps[toolResults.length] as ModelReply;
  }
  if (last.includes('are on their way'))
    return { type: 'answer', text: '39.9 euro are on their way to you.' };
  if (/was not run/.test(last)) return { type: 'answer', text: 'A person will write to you.' };
  return calls('shop__refund', { order, amountEuro: order === 4711 ? 39.9 : 480 });
}

function calls(name: string, args: Record<string, string | number>): ModelReply {
  return { type: 'answer', toolCalls: [{ name, arguments: args }] };
}
