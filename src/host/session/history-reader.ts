/**
 * What was said before a run, and its name. A session in use is not read anew for each of its runs: what its ended runs said
 * does not change, and stays the same objects, by which what was made of a message (its size, its text on a wire) is found.
 */
import { LRUCache } from 'lru-cache';

import type { ModelMessage } from '../model/model.ts';
import type { State } from '../state.ts';
import type { History, SessionRun } from './contract.ts';
import { extended, keepHistory, type Named, nothingSaid } from './histories.ts';
import { historyOf } from './history.ts';
import { unknownSession } from './session-rows.ts';
import { readRuns, readView, type View } from './transcript.ts';

/** Sessions whose runs come in between those of others. */
const MAX_SESSIONS = 64;
const MAX_CHARACTERS = 16_000_000;

interface Known {
  /** What it begins with, where the conversation was reduced. */
  readonly view: string | undefined;
  /** The runs that it holds have come to their ends, and nothing else stands before or between them. */
  readonly runs:
    | { readonly count: number; readonly lastId: string; readonly lastOrdinal: number }
    | undefined;
  readonly messages: readonly ModelMessage[];
  readonly named: Named;
  readonly characters: number;
}

export class HistoryReader {
  readonly #known = new LRUCache<string, Known>({
    max: MAX_SESSIONS,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: ({ characters }) => characters + 1,
  });

  /** The caller holds a transaction. Throws HostError `unknown-session`. */
  read(state: State, sessionId: string): History {
    if (state.prepared('SELECT 1 FROM sessions WHERE id = ?').get(sessionId) === undefined)
      throw unknownSession(sessionId);
    const view = readView(state, sessionId);
    const known = this.#known.get(sessionId);
    if (known && isValid(state, sessionId, view, known)) {
      const history = this.#goOn(state, sessionId, view, known);
      if (history !== undefined) return history;
    }
    const whole = this.#goOn(state, sessionId, view, nothing(sessionId, view), view?.messages);
    if (whole === undefined) throw new Error('A history that is written from its beginning has a name.');
    return whole;
  }

  forget(sessionId: string): void {
    this.#known.delete(sessionId);
  }

  /** Undefined where what is known is not kept under its name any more. */
  #goOn(
    state: State,
    sessionId: string,
    view: View | undefined,
    from: Known,
    before: readonly ModelMessage[] = [],
  ): History | undefined {
    const runs = readRuns(state, sessionId, { view, behind: from.runs?.lastOrdinal });
    const open = runs.findIndex((run) => !hasEnded(run));
    const ended = open < 0 ? runs : runs.slice(0, open);
    const said = historyOf(ended, [...from.messages, ...before]);
    const messages = historyOf(runs.slice(ended.length), said);
    const texts = messages.slice(from.messages.length).map((message) => JSON.stringify(message));
    const names = extended(from.named, texts);
    const revision = keepHistory(state, sessionId, names, texts);
    if (revision === undefined) return undefined;
    const added = said.length - from.messages.length;
    this.#known.set(sessionId, {
      view: from.view,
      runs: prefixOf(state, sessionId, ended.at(-1)) ?? from.runs,
      messages: said,
      named: names[added] ?? from.named,
      characters: from.characters + texts.slice(0, added).reduce((sum, { length }) => sum + length, 0),
    });
    return { revision, messages };
  }
}

function nothing(sessionId: string, view: View | undefined): Known {
  const named = nothingSaid(sessionId);
  return { view: view?.text, runs: undefined, messages: [], named, characters: view?.text.length ?? 0 };
}

/** Runs go as a whole and none comes in between: as many up to the same last one are the same. */
function isValid(
  state: State,
  sessionId: string,
  view: View | undefined,
  { runs, ...known }: Known,
): boolean {
  if (known.view !== view?.text) return false;
  if (runs === undefined) return true;
  const { lastId, count } = prefixOf(state, sessionId, { runId: runs.lastId }) ?? {};
  return lastId === runs.lastId && count === runs.count;
}

function prefixOf(
  state: State,
  sessionId: string,
  last: Pick<SessionRun, 'runId'> | undefined,
): Known['runs'] {
  if (last === undefined) return undefined;
  const row = state
    .prepared(`SELECT max(ordinal) AS last, count(*) AS count FROM session_runs WHERE session_id = :session AND ordinal <=
       (SELECT ordinal FROM session_runs WHERE session_id = :session AND run_id = :run)`)
    .get({ session: sessionId, run: last.runId });
  if (row === undefined || row['last'] === null) return undefined;
  return { count: Number(row['count']), lastId: last.runId, lastOrdinal: Number(row['last']) };
}

/** One that a limit stopped may go on when it is given more. */
function hasEnded({ outcome }: SessionRun): boolean {
  return outcome !== undefined && outcome !== 'stopped';
}
