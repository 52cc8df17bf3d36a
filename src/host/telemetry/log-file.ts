/**
 * One host's own log file: `<start>-<pid>.jsonl`, then `<start>-<pid>.1.jsonl` … as it grows. Lines are written in order
 * and in the background, each at its known position, so that what was on its way when the process exits can be written
 * again without standing there twice.
 */
import { close, closeSync, ftruncate, mkdirSync, openSync, write, writeSync } from 'node:fs';
import { join } from 'node:path';

import { messageOf } from '../../errors.ts';

export interface LogFileOptions {
  readonly folder: string;
  /** `<start>-<pid>`, without the ending. */
  readonly name: string;
  /** A file that would grow beyond it is followed by the next. */
  readonly maxFileBytes: number;
  /** Told the first time that writing fails; a disk that is nearly full fails again and again. */
  readonly onFailure: (message: string) => void;
  /** A line that says how many are missing; written when writing succeeds again. */
  readonly lostLine: (count: number) => string;
  /** Told as the first file and each that follows it is opened. */
  readonly onOpen: () => void;
}

/** What waits in memory while a disk does not keep up; beyond it lines are lost and counted. */
const MAX_WAITING_CHARACTERS = 64_000_000;
const MAX_BATCH_BYTES = 1_000_000;
/** While much is logged, what comes within this time is written together. */
const WRITE_EVERY_MS = 20;

export class LogFile {
  readonly #options: LogFileOptions;
  #waiting: string[] = [];
  #waitingCharacters = 0;
  /** On its way to `#position` of the open file. */
  #batch: { readonly bytes: Buffer; readonly lines: number } | undefined;
  #handle: number | undefined;
  #position = 0;
  #part = 0;
  /** Tells logs apart that one process opened in the same millisecond. */
  #ordinal = 1;
  #lostLines = 0;
  #wasTold = false;
  #idle = Promise.resolve();
  #lastWriteMs = Number.NEGATIVE_INFINITY;
  #isClosing = false;
  /** Present while lines wait for their time. */
  #hurry: (() => void) | undefined;

  constructor(options: LogFileOptions) {
    this.#options = options;
  }

  /** The file that is written to. */
  get path(): string {
    const ordinal = this.#ordinal === 1 ? '' : `-${this.#ordinal}`;
    const part = this.#part === 0 ? '' : `.${this.#part}`;
    return join(this.#options.folder, `${this.#options.name}${ordinal}${part}.jsonl`);
  }

  append(line: string): void {
    if (this.#waitingCharacters + line.length > MAX_WAITING_CHARACTERS) {
      this.#lostLines += 1;
      return;
    }
    this.#waiting.push(line);
    this.#waitingCharacters += line.length;
    if (this.#waiting.length === 1 && this.#batch === undefined) this.#idle = this.#drain();
  }

  /** Resolves when everything that was appended is written or lost. Never rejects. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#hurry?.();
    await this.#idle;
    if (this.#handle === undefined) return;
    const handle = this.#handle;
    this.#handle = undefined;
    await new Promise<void>((resolve) => close(handle, () => resolve()));
  }

  /** For the exit of the process, when nothing asynchronous happens any more. */
  flushSync(): void {
    const rest = this.#batch === undefined ? [] : [this.#batch.bytes];
    if (this.#waiting.length > 0) rest.push(this.#takeWaiting(Number.POSITIVE_INFINITY).bytes);
    if (rest.length === 0) return;
    try {
      this.#open();
      if (this.#handle === undefined) return;
      const bytes = Buffer.concat(rest);
      let written = 0;
      while (written < bytes.length) {
        written += writeSync(this.#handle, bytes, written, bytes.length - written, this.#position + written);
      }
      closeSync(this.#handle);
      this.#handle = undefined;
    } catch (error) {
      this.#failed(error, 0);
    }
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#nextWrite();
      const batch = this.#takeWaiting(Math.min(MAX_BATCH_BYTES, this.#options.maxFileBytes));
      this.#batch = batch;
      try {
        this.#rotateFor(batch.bytes.length);
        this.#open();
        await this.#write(batch.bytes);
        this.#position += batch.bytes.length;
      } catch (error) {
        this.#failed(error, batch.lines);
        await this.#cutOff();
      }
      this.#batch = undefined;
    }
  }

  /** What is logged in one turn of the event loop is written at once, and sooner after the last write with what follows. */
  async #nextWrite(): Promise<void> {
    const restMs = this.#lastWriteMs + WRITE_EVERY_MS - performance.now();
    await new Promise<void>((resolve) => {
      if (restMs <= 0 || this.#isClosing) {
        setImmediate(resolve);
        return;
      }
      const timer = setTimeout(resolve, restMs);
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#hurry = undefined;
    this.#lastWriteMs = performance.now();
  }

  /** At least one line, and not more than so many bytes where that is possible. */
  #takeWaiting(maxBytes: number): { bytes: Buffer; lines: number } {
    if (this.#lostLines > 0) {
      this.#waiting.unshift(this.#options.lostLine(this.#lostLines));
      this.#lostLines = 0;
    }
    let count = 0;
    let sizeBytes = 0;
    for (const line of this.#waiting) {
      sizeBytes += Buffer.byteLength(line) + 1;
      if (count > 0 && sizeBytes > maxBytes) break;
      count += 1;
    }
    const lines = this.#waiting.splice(0, count);
    this.#waitingCharacters = Math.max(
      0,
      this.#waitingCharacters - lines.reduce((sum, line) => sum + line.length, 0),
    );
    return { bytes: Buffer.from(`${lines.join('\n')}\n`), lines: lines.length };
  }

  #open(): void {
    if (this.#handle !== undefined) return;
    mkdirSync(this.#options.folder, { recursive: true, mode: 0o700 });
    while (this.#handle === undefined) {
      try {
        this.#handle = openSync(this.path, 'wx', 0o600);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
        this.#ordinal += 1;
      }
    }
    this.#position = 0;
    this.#options.onOpen();
  }

  #rotateFor(bytes: number): void {
    if (this.#handle === undefined || this.#position === 0) return;
    if (this.#position + bytes <= this.#options.maxFileBytes) return;
    closeSync(this.#handle);
    this.#handle = undefined;
    this.#part += 1;
  }

  async #write(bytes: Buffer): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const handle = this.#handle;
      if (handle === undefined) throw new Error('the log file was closed while it was written');
      done += await new Promise<number>((resolve, reject) => {
        write(handle, bytes, done, bytes.length - done, this.#position + done, (error, count) => {
          if (error === null) resolve(count);
          else reject(error);
        });
      });
    }
  }

  #failed(error: unknown, lines: number): void {
    this.#lostLines += lines;
    if (this.#wasTold) return;
    this.#wasTold = true;
    this.#options.onFailure(
      `The log file ${this.path} cannot be written: ${messageOf(error)}. Going on without it.`,
    );
  }

  /** Takes a half-written line away. */
  async #cutOff(): Promise<void> {
    const handle = this.#handle;
    // Where even that fails, the next batch overwrites it from the same position.
    if (handle !== undefined)
      await new Promise<void>((resolve) => ftruncate(handle, this.#position, () => resolve()));
  }
}
