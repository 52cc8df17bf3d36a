/** A whole host whose home folder may be anywhere, with a run of notes and effects over a server that writes down what is done. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import type { RunContext } from '../../../src/host/context.ts';
import type { RegisteredWorkflow } from '../../../src/host/engine/engine.ts';
import type { Host } from '../../../src/host/host.ts';
import { readLedger } from '../../fixtures/mcp/ledger-entry.ts';
import { openTestHost } from '../../fixtures/open-host.ts';

const SERVER = join(import.meta.dirname, '../../fixtures/mcp/ledger.ts');
export const LINES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;
/** Each needs room of its own on the disk. */
const NOTE = 'n'.repeat(200_000);

export interface LedgerHostOptions {
  /** Home and working folder. */
  readonly folder: string;
  /** The file of the server. */
  readonly ledger: string;
  /** Called before each effect, in a step of its own. */
  readonly atLine: (label: string) => void | Promise<void>;
  readonly leaseMs?: number;
}

export interface LedgerHost extends AsyncDisposable {
  readonly host: Host;
  /** For each of `LINES` a note, then an effect; its output says what became of each. */
  readonly lines: RegisteredWorkflow;
}

export async function openLedgerHost(options: LedgerHostOptions): Promise<LedgerHost> {
  const { folder, ledger, atLine, leaseMs } = options;
  const opened = await openTestHost({
    script: () => ({ type: 'answer', text: 'No model is asked.' }),
    folder,
    ...(leaseMs === undefined ? {} : { leaseMs }),
    servers: [
      {
        name: 'ledger',
        type: 'stdio',
        command: process.execPath,
        args: [SERVER, ledger],
        env: {},
        disabled: false,
        start: 'on-use',
        trust: 'annotations',
        timeoutMs: 30_000,
        tools: {},
      },
    ],
  });
  const { host } = opened;
  const lines: RegisteredWorkflow = {
    name: 'lines',
    async run(context) {
      const outcomes: Record<string, string> = {};
      for (const label of LINES) {
        await context.step('note', async () => {
          await atLine(label);
          return NOTE;
        });
        outcomes[label] = await appendLine(context, host, label);
      }
      return outcomes;
    },
  };
  host.engine.register(lines);
  await host.registry.ready();
  return { host, lines, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}

/** An effect that cannot be taken back, claimed before it is asked for. What came of an earlier claim is uncertain. */
function appendLine(context: RunContext, { registry }: Host, label: string): Promise<string> {
  return context.step('append', async (step) => {
    if (step.claims.length > 0) return 'uncertain';
    step.claim({ label });
    const { type } = await registry.call('ledger__append_line', { label }, { signal: step.signal });
    return type;
  });
}

/** How often each label was done. */
export function effectsIn(ledger: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type, label } of readLedger(ledger))
    if (type === 'effect') counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

/** The journal of a run as it stands in the file, however it is being written. */
export function rowsOf(home: string, runId: string): Record<string, unknown>[] {
  using database = new DatabaseSync(join(home, 'state.db'), { readOnly: true });
  return database
    .prepare(
      `SELECT number, type, path, ordinal, name, body, failed, at_ms FROM journal
       WHERE run = (SELECT key FROM runs WHERE id = ?) ORDER BY number`,
    )
    .all(runId)
    .map((row) => ({ ...row }));
}

/** Which host has a run, as the file says it. */
export function ownerOf(home: string, runId: string): unknown {
  using database = new DatabaseSync(join(home, 'state.db'), { readOnly: true });
  return database.prepare('SELECT owner FROM runs WHERE id = ?').get(runId)?.['owner'];
}
