/**
 * Structured logs: JSON lines in `logs/` of the home folder and lines for a person on standard error. No secret passes
 * (../secret/), and no failure to write stops the program.
 */
import { join } from 'node:path';

import type { Config, LogSettings } from '../../config/config.ts';
import type { Environment } from '../../config/environment.ts';
import { messageOf } from '../../errors.ts';
import type { LogEntry, LogSink } from '../../registry/contract.ts';
import { LogFile } from './log-file.ts';
import { humanLine, LEVELS, type LogLevel, type LogRecord, logRecord } from './log-line.ts';
import { pruneLogs } from './log-prune.ts';
import { LogWriter, type Outlet } from './log-writer.ts';
import { createLearningRedactor } from '../secret/learning-redactor.ts';
import { knownSecrets } from '../secret/known.ts';

export interface LogOptions {
  readonly homeFolder: string;
  readonly settings: LogSettings;
  readonly env: Environment;
  /** Its keys, headers and variables never reach the log. */
  readonly config: Pick<Config, 'servers' | 'models' | 'triggers'>;
  /** The least important lines on standard error; `warn` by default, `off` for none. */
  readonly stderrLevel?: LogLevel | 'off';
  /** Components that only the file is told of, because the terminal shows their facts in its own way. */
  readonly fileOnly?: readonly string[];
  /** Standard error by default. */
  readonly stderr?: StderrStream;
  /** 16 MB by default. */
  readonly maxFileBytes?: number;
}

/** What of a stream the log uses. */
interface StderrStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
  on?(event: 'error', listener: () => void): unknown;
}

export interface Log {
  /** Never throws and never waits. Entries are written in the order in which they come. */
  readonly sink: LogSink;
  /** Takes the settings of a config that was changed meanwhile; its secrets never reach the log either. */
  use(config: Pick<Config, 'servers' | 'models' | 'triggers' | 'logs'>): void;
  /** These never reach the log from now on. */
  learn(secrets: readonly string[]): void;
  /** Where the entries go; created with the first one. */
  readonly file: string;
  /** Resolves when every entry is written. Entries that come later are ignored. Never rejects. */
  close(): Promise<void>;
}

const MAX_FILE_BYTES = 16_000_000;
/** Winston is loaded this long after the first entry, so that a short command does not wait for it. */
const LOAD_AFTER_MS = 250;

export function createLog(options: LogOptions): Log {
  const { stderr = process.stderr, stderrLevel = 'warn' } = options;
  let { settings } = options;
  const folder = join(options.homeFolder, 'logs');
  const redactor = createLearningRedactor({
    known: knownSecrets(options.config, options.env),
    isStrict: true,
  });
  const isColoured = stderr.isTTY === true && (options.env['NO_COLOR'] ?? '') === '';
  const startedAt = new Date();
  // A terminal that was closed ends nothing.
  stderr.on?.('error', ignoreBrokenPipe);
  const onStderr = (text: string): unknown => stderr.write(`${redactor.text(text)}\n`);
  const record = (entry: LogEntry, time = new Date()): LogRecord => logRecord(entry, time, redactor);
  const prune = async (): Promise<void> => {
    const { keepDays, maxBytes } = settings;
    try {
      await pruneLogs({ folder, keepDays, maxBytes, current: file.path, nowMs: Date.now() });
    } catch (error) {
      onStderr(`Old log files in ${folder} cannot be looked for: ${messageOf(error)}`);
    }
  };
  const file = new LogFile({
    folder,
    name: `${compactTime(startedAt)}-${process.pid}`,
    maxFileBytes: options.maxFileBytes ?? MAX_FILE_BYTES,
    onFailure: onStderr,
    lostLine: (count) =>
      JSON.stringify(record({ level: 'warn', component: 'log', event: 'log-lines-lost', fields: { count } })),
    onOpen: () => {
      pruning = pruning.then(prune);
    },
  });
  const isForFile = (level: LogLevel): boolean => LEVELS[level] <= LEVELS[settings.level];
  const outlets: Outlet[] = [
    {
      // The file's own level may change while the program runs.
      level: 'debug',
      write: (line) => {
        if (isForFile(line.level)) file.append(JSON.stringify(line));
      },
    },
  ];
  if (stderrLevel !== 'off') {
    const fileOnly = new Set(options.fileOnly);
    const write = (line: LogRecord): void => {
      if (!fileOnly.has(line.component)) stderr.write(`${humanLine(line, isColoured)}\n`);
    };
    outlets.push({ level: stderrLevel, write });
  }
  const writer = new LogWriter(outlets, LOAD_AFTER_MS);
  let isClosed = false;
  let pruning = Promise.resolve();
  // Making lines of entries costs more than what is told of: that comes first.
  let untold: { readonly entry: LogEntry; readonly time: Date }[] = [];
  const tell = (): void => {
    const entries = untold;
    untold = [];
    for (const { entry, time } of entries) writer.write(record(entry, time));
  };
  const atExit = (): void => {
    tell();
    writer.flushSync();
    file.flushSync();
  };
  process.on('exit', atExit);

  return {
    sink: (entry) => {
      const isForStderr = stderrLevel !== 'off' && LEVELS[entry.level] <= LEVELS[stderrLevel];
      if (isClosed || !(isForFile(entry.level) || isForStderr)) return;
      if (untold.push({ entry, time: new Date() }) === 1) setImmediate(tell);
      if (isForStderr) tell();
    },
    learn: (secrets) => redactor.learn(secrets),
    use: (config) => {
      settings = config.logs;
      redactor.learn(knownSecrets(config, options.env));
    },
    get file() {
      return file.path;
    },
    close: async () => {
      isClosed = true;
      tell();
      await writer.close();
      await file.close();
      await pruning;
      process.off('exit', atExit);
    },
  };
}

function ignoreBrokenPipe(): void {
  // Nothing reads standard error any more; the log file goes on.
}

/** `20261123T094512345Z` */
function compactTime(time: Date): string {
  return time.toISOString().replaceAll(/[-:.]/g, '');
}
