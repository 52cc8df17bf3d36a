/** Runs one search in a thread of its own, and stops it when it is cancelled, takes too long or makes no headway. */
import { Worker } from 'node:worker_threads';

import { HostError } from '../../errors.ts';
import type { ReportProgress } from '../tool.ts';
import type { SearchMessage, SearchRequest, SearchTally } from './search-contract.ts';

const TOTAL_TIMEOUT_MS = 50_000;
const STALL_TIMEOUT_MS = 5_000;

export interface SearchOutcome<Match> {
  readonly matches: readonly Match[];
  readonly tally: SearchTally;
  /** Why there may be more matches than these. */
  readonly stopped: 'limit' | 'time' | 'stalled' | undefined;
  /** The file at which the search stalled. */
  readonly stalledAt: string | undefined;
}

const NOTHING: SearchTally = {
  filesSearched: 0,
  ignoredFolders: [],
  ignoredFolderCount: 0,
  binaryFiles: 0,
  largeFiles: [],
  unreadable: 0,
  longLines: 0,
};

/** Rejects with the signal's reason when cancelled, and with a HostError when the thread fails. */
export async function runSearch<Match>(
  request: SearchRequest,
  options: { readonly isFile: boolean; readonly signal: AbortSignal; readonly report: ReportProgress },
): Promise<SearchOutcome<Match>> {
  const { isFile, signal, report } = options;
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<SearchOutcome<Match>>();
  const matches: Match[] = [];
  let place = '';
  let tally = NOTHING;
  const finish = (stopped: SearchOutcome<Match>['stopped']): void => {
    resolve({ matches, tally, stopped, stalledAt: stopped === 'stalled' ? place : undefined });
  };
  const onAbort = (): void => reject(signal.reason);
  const worker = new Worker(threadFile(), { workerData: { request, isFile }, stdout: true });
  const total = setTimeout(finish, TOTAL_TIMEOUT_MS, 'time');
  const stall = setTimeout(finish, STALL_TIMEOUT_MS, 'stalled');
  signal.addEventListener('abort', onAbort, { once: true });
  worker.on('message', (message: SearchMessage) => {
    stall.refresh();
    if (message.type === 'match') {
      matches.push(message.match as Match);
      return;
    }
    tally = message.tally;
    if (message.type === 'end') return finish(message.limitReached ? 'limit' : undefined);
    place = message.path;
    report(tally.filesSearched, undefined, `Searching ${place}`);
  });
  worker.on('error', (error) => {
    reject(new HostError('search-failed', `The search failed: ${error.message}.`, { cause: error }));
  });
  worker.on('exit', (code) => {
    reject(new HostError('search-failed', `The search ended early with code ${code}. Try a narrower path.`));
  });
  try {
    return await promise;
  } finally {
    clearTimeout(total);
    clearTimeout(stall);
    signal.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
}

/** What the search left out, as lines for a model. */
export function skippedNotes(tally: SearchTally): string[] {
  const notes: string[] = [];
  if (tally.ignoredFolderCount > 0) {
    const named = tally.ignoredFolders.join(', ');
    const more = tally.ignoredFolderCount > tally.ignoredFolders.length ? ', …' : '';
    notes.push(
      `${tally.ignoredFolderCount} folders of tools not entered (${named}${more}); set includeIgnored to enter them`,
    );
  }
  if (tally.binaryFiles > 0) notes.push(`${tally.binaryFiles} binary files skipped`);
  if (tally.largeFiles.length > 0)
    notes.push(`files over 50 MB skipped: ${tally.largeFiles.slice(0, 5).join(', ')}`);
  if (tally.unreadable > 0) notes.push(`${tally.unreadable} files or folders could not be read`);
  if (tally.longLines > 0)
    notes.push(`${tally.longLines} lines searched only in their first 10,000 characters`);
  return notes;
}

export function stoppedNote(outcome: SearchOutcome<unknown>, maxResults: number): string[] {
  switch (outcome.stopped) {
    case undefined:
      return [];
    case 'limit':
      return [`stopped at maxResults ${maxResults}; there are more`];
    case 'time':
      return [`stopped after ${TOTAL_TIMEOUT_MS / 1_000} s with these results; search a narrower path`];
    case 'stalled':
      return [
        `stopped: no headway for ${STALL_TIMEOUT_MS / 1_000} s${outcome.stalledAt === '' ? '' : ` at ${outcome.stalledAt}`}; the pattern probably backtracks, so write it without nested repetition or set literal`,
      ];
  }
}

/** Node runs the source in a checkout and the compiled file in the package. */
function threadFile(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./search-thread.${extension}`, import.meta.url);
}
