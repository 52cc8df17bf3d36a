/**
 * Changes of files. What counts is the difference between what was seen last, which is kept in `state.db`, and what is there:
 * so nothing is lost while the program does not run, or where the file system tells nothing, and nothing is told twice.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

import { DEFAULT_SETTLE_MS, type FileTriggerConfig } from '../../../../config/trigger-file-schema.ts';
import { messageOf } from '../../../../errors.ts';
import type { SourceMemory } from '../../source-memory.ts';
import type { SourceOptions, TriggerSource } from '../../source.ts';
import { changeBetween, type FileChange, fileEvent } from './file-event.ts';
import { type StartHints, startHints } from './file-hints.ts';
import { folderMissing, linkOutside, notTaken, tooManyFiles, watchProblem } from './file-problems.ts';
import { createFileSelection, type FileSelection } from './file-selection.ts';
import { type FileState, lookAt, stateOfText, stateText } from './file-state.ts';
import { Problems } from '../problems.ts';
import { Unsettled } from './unsettled.ts';
import { isWithin, walk, type Walked } from './walk.ts';

export interface FileSurroundings {
  /** Of the config: what relative paths count from. */
  readonly folder: string;
  /** Never looked at: what the program itself writes would start runs without end. */
  readonly homeFolder: string;
  readonly memory: SourceMemory;
  readonly hints?: StartHints;
  /** More are not looked at. */
  readonly maxFiles?: number;
  /** How often all files are looked through, where the file system tells of changes and where it does not. */
  readonly lookEveryMs?: number;
  readonly lookUnwatchedEveryMs?: number;
}

/** Under which key the memory has the paths for which it holds; no path is empty. */
const PATHS_KEY = '';
const AGAIN_AFTER_MS = 5_000;
/** Looking through all files may take this part of the time. */
const SHARE_OF_TIME = 20;
const AT_ONCE = 16;

/** Resolves when what is there was seen: what changes from then on is an event. Rejects with the HostErrors of the store. */
export async function openFileSource(
  file: FileTriggerConfig,
  options: SourceOptions,
  surroundings: FileSurroundings,
): Promise<TriggerSource> {
  const source = new FileSource(file, options, surroundings);
  const giveUp = (): void => source.end();
  options.signal?.addEventListener('abort', giveUp, { once: true });
  try {
    await source.begin();
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', giveUp);
  }
  return source;
}

class FileSource implements TriggerSource {
  readonly #options: SourceOptions;
  readonly #around: FileSurroundings;
  readonly #selection: FileSelection;
  readonly #told: ReadonlySet<FileChange>;
  readonly #skipMissed: boolean;
  readonly #pathsText: string;
  readonly #problems: Problems;
  readonly #seen = new Map<string, FileState>();
  readonly #unsettled: Unsettled;
  readonly #end = new AbortController();
  #hints: AsyncDisposable | undefined;
  #isWatched = true;
  #passTimer: NodeJS.Timeout | undefined;
  #walkTimer: NodeJS.Timeout | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(file: FileTriggerConfig, options: SourceOptions, around: FileSurroundings) {
    const {
      on = ['added', 'changed'],
      settleMs = DEFAULT_SETTLE_MS,
      missed = 'run',
      paths,
      ignore,
      dotfiles,
    } = file;
    this.#options = options;
    this.#around = around;
    this.#selection = createFileSelection(file, { folder: around.folder, forbidden: [around.homeFolder] });
    this.#told = new Set(on);
    this.#skipMissed = missed === 'skip';
    this.#pathsText = JSON.stringify([paths, ignore ?? null, dotfiles ?? false]);
    this.#problems = new Problems(options.onProblem);
    this.#unsettled = new Unsettled(settleMs);
  }

  async begin(): Promise<void> {
    const kept = this.#around.memory.all();
    // Before all files are looked through, so that no change falls between the two.
    this.#hints = await (this.#around.hints ?? startHints)({
      selection: this.#selection,
      onHint: (path) => this.#hint(path),
      onFailure: (error) => this.#unwatched(error),
    });
    const walked = await this.#walk();
    await this.#resume(kept, walked);
    this.#walkAgain(0);
  }

  /** What is under way comes to its end early. */
  end(): void {
    this.#end.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
    clearTimeout(this.#passTimer);
    clearTimeout(this.#walkTimer);
    await this.#hints?.[Symbol.asyncDispose]();
    await this.#working;
  }

  /** Goes on from what an earlier start had seen. */
  async #resume(kept: ReadonlyMap<string, string>, { files, unknown }: Walked): Promise<void> {
    const isFirst = kept.get(PATHS_KEY) === undefined;
    const isSamePaths = kept.get(PATHS_KEY) === this.#pathsText;
    const changes: [string, string | undefined][] = [];
    for (const [path, text] of kept) {
      if (path === PATHS_KEY) continue;
      if (this.#selection.baseOf(path) === undefined) changes.push([path, undefined]);
      else this.#seen.set(path, stateOfText(text));
    }
    for (const [path, state] of files) {
      // Files that nobody had looked for are no change.
      const isOld = isFirst || this.#skipMissed || (!isSamePaths && !this.#seen.has(path));
      if (!isOld) continue;
      this.#seen.set(path, state);
      changes.push([path, stateText(state)]);
    }
    if (this.#skipMissed)
      for (const path of this.#seen.keys()) {
        if (files.has(path) || this.#isUnknown(path, unknown)) continue;
        this.#seen.delete(path);
        changes.push([path, undefined]);
      }
    await this.#around.memory.put([...changes, [PATHS_KEY, this.#pathsText]]);
    this.#compare(files, unknown);
  }

  /** Whatever differs from what was seen is looked at more closely. */
  #compare(files: ReadonlyMap<string, FileState>, unknown: readonly string[]): void {
    for (const [path, state] of files)
      if (changeBetween(this.#seen.get(path), state) !== undefined) this.#hint(path);
    for (const path of this.#seen.keys()) if (!files.has(path) && !isWithin(path, unknown)) this.#hint(path);
  }

  /** A file that is named itself and is not there was removed; of those in a folder that is not there nothing can be said. */
  #isUnknown(path: string, unknown: readonly string[]): boolean {
    return isWithin(path, unknown) && !this.#selection.bases.includes(path);
  }

  #hint(path: string): void {
    if (this.#end.signal.aborted || this.#selection.baseOf(path) === undefined) return;
    this.#unsettled.add(path);
    this.#passAgain(this.#unsettled.lookAgainMs);
  }

  #passAgain(afterMs: number): void {
    if (!this.#end.signal.aborted)
      this.#passTimer ??= setTimeout(() => this.#work(() => this.#pass()), afterMs);
  }

  #unwatched(error: unknown): void {
    if (this.#end.signal.aborted) return;
    this.#isWatched = false;
    this.#problems.tell(watchProblem(error));
    this.#walkAgain(0);
  }

  /** One after another, and none after the end. */
  #work(work: () => Promise<void>): void {
    this.#working = this.#working.then(async () => {
      if (this.#end.signal.aborted) return;
      try {
        await work();
        this.#problems.solved('file-source-failed');
      } catch (error) {
        if (!this.#end.signal.aborted)
          this.#problems.tell({ code: 'file-source-failed', message: messageOf(error) });
      }
    });
  }

  #walkAgain(tookMs: number): void {
    const { lookEveryMs = 60_000, lookUnwatchedEveryMs = 5_000 } = this.#around;
    const everyMs = this.#isWatched ? lookEveryMs : lookUnwatchedEveryMs;
    clearTimeout(this.#walkTimer);
    if (this.#end.signal.aborted) return;
    this.#walkTimer = setTimeout(
      () => {
        this.#work(async () => {
          const started = performance.now();
          try {
            const { files, unknown } = await this.#walk();
            this.#compare(files, unknown);
          } finally {
            this.#walkAgain(performance.now() - started);
          }
        });
      },
      Math.max(everyMs, tookMs * SHARE_OF_TIME),
    );
  }

  async #walk(): Promise<Walked> {
    const { maxFiles = 50_000 } = this.#around;
    const walked = await walk(this.#selection, { maxFiles, signal: this.#end.signal });
    const [link] = walked.outside;
    if (link !== undefined) this.#problems.tell(linkOutside(link));
    if (walked.isCut) this.#problems.tell(tooManyFiles(maxFiles));
    const missing = walked.unknown.find((path) => this.#selection.bases.includes(path));
    if (missing === undefined) this.#problems.solved('folder-missing');
    else this.#problems.tell(folderMissing(missing));
    return walked;
  }

  /** Looks at everything that may have changed, and tells what has come to rest. */
  async #pass(): Promise<void> {
    this.#passTimer = undefined;
    const paths = this.#unsettled.paths();
    for (let from = 0; from < paths.length; from += AT_ONCE) {
      const some = paths.slice(from, from + AT_ONCE);
      const looked = await Promise.all(
        some.map((path) => lookAt(path, this.#selection.baseOf(path) ?? path)),
      );
      for (const [index, path] of some.entries()) {
        const one = looked[index];
        if (one === undefined || !this.#unsettled.isSettled(path, one)) continue;
        if (this.#end.signal.aborted) return;
        if (one.type === 'outside') this.#problems.tell(linkOutside(path));
        if (one.type === 'file' || one.type === 'missing')
          if (!(await this.#settled(path, one.type === 'file' ? one.state : undefined))) {
            // What is true of this one is true of the others.
            this.#passAgain(AGAIN_AFTER_MS);
            return;
          }
        this.#unsettled.delete(path);
      }
      await nextTurn();
    }
    this.#problems.solved('events-wait');
    if (this.#unsettled.size > 0) this.#passAgain(this.#unsettled.lookAgainMs);
  }

  /** False where it could not be written down: then it is told again. */
  async #settled(path: string, state: FileState | undefined): Promise<boolean> {
    const before = this.#seen.get(path);
    const change = changeBetween(before, state);
    const shown = state ?? before;
    if (change === undefined || shown === undefined) return true;
    try {
      if (this.#told.has(change))
        await this.#options.deliver(fileEvent({ path, change, state: shown }, this.#around.folder), {
          onFull: 'refuse',
        });
      await this.#around.memory.put([[path, state === undefined ? undefined : stateText(state)]]);
    } catch (error) {
      const problem = notTaken(error);
      if (problem !== undefined) this.#problems.tell(problem);
      return false;
    }
    this.#problems.solved('event-not-written');
    if (state === undefined) this.#seen.delete(path);
    else this.#seen.set(path, state);
    return true;
  }
}
