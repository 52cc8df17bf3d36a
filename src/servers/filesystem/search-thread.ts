/** The searching thread: walks, reads and matches, and reports as it goes. Started by search.ts only. */
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

import picomatch from 'picomatch';

import { codeOf } from './file-error.ts';
import { IGNORED_FOLDERS } from './ignored-folders.ts';
import { entryTypeOf, readSorted } from './folder-entries.ts';
import { holdFolder, openFile, readWhole } from './open-file.ts';
import { showPath } from './roots.ts';
import { MAX_SEARCHED_FILE_BYTES } from './search-contract.ts';
import type { ContentSearch, NameSearch, SearchMessage, SearchRequest } from './search-contract.ts';
import { matchLines } from './match-lines.ts';
import { decodeText } from './text-encoding.ts';
import type { EntryType } from './folder-entries.ts';

const REPORT_INTERVAL_MS = 100;
const MAX_NAMED = 5;

const tally = {
  filesSearched: 0,
  ignoredFolders: [] as string[],
  ignoredFolderCount: 0,
  binaryFiles: 0,
  largeFiles: [] as string[],
  unreadable: 0,
  longLines: 0,
};
let results = 0;
let lastReportMs = Number.NEGATIVE_INFINITY;

function post(message: SearchMessage): void {
  parentPort?.postMessage(message);
}

/** Says where the search is, so that a pattern that never ends is noticed, and blamed on the right file. */
function reportPlace(path: string, force: boolean): void {
  if (!force && performance.now() - lastReportMs < REPORT_INTERVAL_MS) return;
  lastReportMs = performance.now();
  post({ type: 'at', path, tally: { ...tally } });
}

interface WalkedEntry {
  readonly path: string;
  readonly real: string;
  readonly type: EntryType;
}

/** Paths are relative to the searched folder, with `/`. Symbolic links are not followed. */
async function* walk(request: SearchRequest, folder: string, path: string): AsyncGenerator<WalkedEntry> {
  const location = { real: folder, shown: showPath(request.roots, folder), exists: true };
  await using held = await holdFolder(request.roots, location);
  for (const dirent of await readSorted(held.path)) {
    const entry = {
      path: path === '' ? dirent.name : `${path}/${dirent.name}`,
      real: join(folder, dirent.name),
      type: entryTypeOf(dirent),
    };
    yield entry;
    if (entry.type !== 'directory') continue;
    if (!request.includeIgnored && IGNORED_FOLDERS.has(dirent.name)) {
      tally.ignoredFolderCount += 1;
      if (tally.ignoredFolders.length < MAX_NAMED) tally.ignoredFolders.push(entry.path);
      continue;
    }
    yield* walkTolerantly(request, entry);
  }
}

async function* walkTolerantly(request: SearchRequest, entry: WalkedEntry): AsyncGenerator<WalkedEntry> {
  try {
    yield* walk(request, entry.real, entry.path);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    tally.unreadable += 1;
  }
}

/** A pattern without a slash means the name alone, in any folder. */
function globMatcher(pattern: string): (path: string) => boolean {
  return picomatch(pattern, { dot: true, basename: !pattern.includes('/') });
}

/** True when the limit was reached. */
async function searchNames(request: NameSearch): Promise<boolean> {
  const matches = globMatcher(request.pattern);
  for await (const entry of walk(request, request.top, '')) {
    reportPlace(entry.path, false);
    tally.filesSearched += 1;
    if (!matches(entry.path)) continue;
    if (results >= request.maxResults) return true;
    results += 1;
    post({ type: 'match', match: { path: showPath(request.roots, entry.real), type: entry.type } });
  }
  return false;
}

async function searchContent(request: ContentSearch, isFile: boolean): Promise<boolean> {
  const matches = request.glob === undefined ? () => true : globMatcher(request.glob);
  const expression = new RegExp(request.expression.source, request.expression.flags);
  if (isFile) return searchFile(request, expression, request.top);
  for await (const entry of walk(request, request.top, '')) {
    if (entry.type !== 'file' || !matches(entry.path)) continue;
    if (await searchFile(request, expression, entry.real)) return true;
  }
  return false;
}

async function searchFile(request: ContentSearch, expression: RegExp, real: string): Promise<boolean> {
  const shown = showPath(request.roots, real);
  const text = await readSearchable(request, real, shown);
  if (text === undefined) return false;
  reportPlace(shown, true);
  tally.filesSearched += 1;
  const found = matchLines(text, expression, {
    contextLines: request.contextLines,
    maxMatches: request.maxResults - results + 1,
    onLines: () => reportPlace(shown, false),
  });
  tally.longLines += found.longLines;
  for (const match of found.matches) {
    if (results >= request.maxResults) return true;
    results += 1;
    post({ type: 'match', match: { path: shown, ...match } });
  }
  return false;
}

/** Undefined, and counted, when the file is not searched. */
async function readSearchable(
  request: ContentSearch,
  real: string,
  shown: string,
): Promise<string | undefined> {
  try {
    await using file = await openFile(request.roots, { real, shown, exists: true });
    if (file.stats.size > MAX_SEARCHED_FILE_BYTES) {
      tally.largeFiles.push(shown);
      return undefined;
    }
    const decoded = decodeText(await readWhole(file.handle));
    if (decoded === undefined) tally.binaryFiles += 1;
    return decoded?.text;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    tally.unreadable += 1;
    return undefined;
  }
}

const { request, isFile } = workerData as { request: SearchRequest; isFile: boolean };
const limitReached =
  request.type === 'names' ? await searchNames(request) : await searchContent(request, isFile);
post({ type: 'end', tally, limitReached });
