/** Reads what the runs of a home folder have journaled, from outside of the hosts that write it. */
import { DatabaseSync } from 'node:sqlite';

import { type ToolName, TOOLS } from './task.ts';

export interface RunView {
  readonly key: number;
  readonly id: string;
  readonly tag: string;
  readonly workflow: string;
  readonly status: string;
  readonly owner: string | null;
  readonly fence: number;
  readonly rows: readonly RowView[];
  readonly calls: readonly CallView[];
  /** How many answers of a model are journaled. */
  readonly modelAnswers: number;
}

export interface RowView {
  readonly number: number;
  readonly type: string;
  readonly path: string;
  readonly ordinal: number;
  readonly name: string;
  readonly body: string | null;
}

/** One call of a tool, with everything that the journal says of it. */
export interface CallView {
  readonly label: string;
  readonly tool: ToolName;
  /** Row numbers. */
  readonly claims: readonly number[];
  readonly steps: readonly { readonly number: number; readonly outcome: string }[];
  /** The last claim stands there without a step that ended. */
  readonly isOpen: boolean;
  /** Claims behind which the run changed hands before a step ended: what became of their effects is not known. */
  readonly interrupted: number;
}

export const FINAL = new Set(['done', 'failed', 'stopped', 'cancelled']);

export class JournalView implements Disposable {
  readonly #database: DatabaseSync;

  constructor(stateFile: string) {
    this.#database = new DatabaseSync(stateFile, { readOnly: true, timeout: 10_000 });
  }

  /** All runs, or only those that have not ended. */
  runs(which: 'all' | 'open' = 'all'): RunView[] {
    return this.#database
      .prepare('SELECT key, id, workflow, status, owner, fence, input FROM runs ORDER BY key')
      .all()
      .filter(({ status }) => which === 'all' || !FINAL.has(String(status)))
      .map((run) => this.#view(run));
  }

  /** Without their rows. */
  open(): Pick<RunView, 'id' | 'status' | 'owner' | 'fence'>[] {
    return this.#database
      .prepare('SELECT id, status, owner, fence FROM runs ORDER BY key')
      .all()
      .map(({ id, status, owner, fence }) => ({
        id: String(id),
        status: String(status),
        owner: owner === null ? null : String(owner),
        fence: Number(fence),
      }))
      .filter(({ status }) => !FINAL.has(status));
  }

  lastKey(): number {
    return Number(this.#database.prepare('SELECT max(key) AS key FROM runs').get()?.['key'] ?? 0);
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #view(run: Record<string, unknown>): RunView {
    const rows = this.#database
      .prepare('SELECT number, type, path, ordinal, name, body FROM journal WHERE run = ? ORDER BY number')
      .all(Number(run['key']))
      .map((row) => ({
        number: Number(row['number']),
        type: String(row['type']),
        path: String(row['path'] ?? ''),
        ordinal: Number(row['ordinal'] ?? -1),
        name: String(row['name'] ?? ''),
        body: typeof row['body'] === 'string' ? row['body'] : null,
      }));
    return {
      key: Number(run['key']),
      id: String(run['id']),
      tag: tagOf(JSON.parse(String(run['input'])) as Record<string, unknown>),
      workflow: String(run['workflow']),
      status: String(run['status']),
      owner: typeof run['owner'] === 'string' ? run['owner'] : null,
      fence: Number(run['fence']),
      rows,
      calls: callsOf(rows),
      modelAnswers: rows.filter(({ type, name }) => type === 'step' && name === 'model').length,
    };
  }
}

function tagOf({ tag, request }: Record<string, unknown>): string {
  if (typeof tag === 'string') return tag;
  return typeof request === 'string' ? (/of run (\S+)\./.exec(request)?.[1] ?? '') : '';
}

interface OpenCall {
  label: string;
  tool: ToolName;
  claims: number[];
  steps: { number: number; outcome: string }[];
  isOpen: boolean;
  interrupted: number;
}

/** A call announces itself on its path before it is claimed; the path's claims and steps from there on are its own. */
function callsOf(rows: readonly RowView[]): CallView[] {
  const calls: OpenCall[] = [];
  const current = new Map<string, OpenCall>();
  for (const row of rows) {
    const body = parse(row.body);
    switch (row.type) {
      case 'event': {
        if (body['type'] === 'run-resume')
          for (const call of calls) {
            if (!call.isOpen) continue;
            call.isOpen = false;
            call.interrupted += 1;
          }
        if (body['type'] !== 'tool-call-start') break;
        const call = newCall(body);
        calls.push(call);
        current.set(row.path, call);
        break;
      }
      case 'claim': {
        const call = current.get(row.path);
        if (call === undefined) throw new Error(`A claim without a call: ${JSON.stringify(row)}`);
        call.claims.push(row.number);
        call.isOpen = true;
        break;
      }
      case 'step': {
        const call = current.get(row.path);
        if (row.name !== 'call' || call === undefined) break;
        // A step that knows no outcome says so as its type; a further one may follow.
        const result = (body['result'] ?? {}) as { readonly outcome?: string };
        call.steps.push({
          number: row.number,
          outcome: result.outcome ?? (typeof body['type'] === 'string' ? body['type'] : '?'),
        });
        call.isOpen = false;
        break;
      }
    }
  }
  return calls;
}

function newCall(event: Record<string, unknown>): OpenCall {
  const { label } = (event['arguments'] ?? {}) as { label?: string };
  const tool = String(event['name']).split('__')[1] ?? '';
  if (label === undefined || !(tool in TOOLS)) throw new Error(`A foreign call: ${JSON.stringify(event)}`);
  return { label, tool: tool as ToolName, claims: [], steps: [], isOpen: false, interrupted: 0 };
}

function parse(text: string | null): Record<string, unknown> {
  const value: unknown = JSON.parse(text ?? '{}');
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
