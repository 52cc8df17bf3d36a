/** What nearly every command begins with: config, log, host, and an orderly end when a signal comes. */
import { constants } from 'node:os';

import { environment, homeFolder } from '../../config/environment.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load-config.ts';
import type { TrustQuestion } from '../../config/trust.ts';
import { messageOf } from '../../errors.ts';
import { suspended } from '../engine/outcome.ts';
import { createHost, type Host } from '../host.ts';
import { createLog, type Log, type LogOptions } from '../telemetry/log.ts';
import type { GlobalFlags } from './commands.ts';
import { EXIT } from './exit-code.ts';
import { Person } from './person.ts';
import type { Questions } from './questions.ts';
import { isInteractive, oneLine, type Output, processOutput, styled } from './terminal.ts';

export interface OpenedHost extends AsyncDisposable {
  readonly host: Host;
  readonly config: Config;
  readonly log: Log;
  readonly output: Output;
  /** Undefined where nobody is at a terminal. */
  readonly questions: Questions | undefined;
  /** Aborts at the first Ctrl-C, SIGTERM or SIGHUP; a second one ends the process at once. */
  readonly signal: AbortSignal;
  /** While the handler stands, Ctrl-C calls it and nothing else. Returns what takes it away. */
  onInterrupt(handler: () => void): () => void;
}

export interface OpenOptions extends GlobalFlags {
  readonly yes?: boolean;
  /** What becomes of calls that a person is to allow where none is at a terminal; `deny` by default. */
  readonly onAsk?: 'wait' | 'deny';
  readonly workingFolder?: string;
  /** Nobody is asked at the terminal, such as where its input is the protocol's. */
  readonly unattended?: boolean;
  /** Takes the place of lines at a prompt. */
  readonly questions?: Questions;
  /** A chat draws on the terminal: log lines between its own would tear it. They go to the file alone. */
  readonly ownsTerminal?: boolean;
  /**
   * An edit of the config's file is put to use while the host is open. `ask`: what it starts, reaches or allows anew is
   * put to the person; `tell`: it waits for `config trust`.
   */
  readonly watchConfig?: 'ask' | 'tell';
}

export async function openHost(options: OpenOptions): Promise<OpenedHost> {
  const output = processOutput();
  const attended = options.unattended !== true && isInteractive();
  const questions = options.questions ?? (attended ? new Person() : undefined);
  const workingFolder = options.workingFolder ?? process.cwd();
  const config = await readConfig(options, workingFolder, questions);
  const log = createLog({
    homeFolder: homeFolder(),
    settings: config.logs,
    env: environment(),
    config,
    // The printer of a run shows its events; asked for a level, a person gets the log's own lines too.
    ...stderrOf(options),
  });
  tellNotices(config, log);
  const ending = watchSignals();
  const host = await createHost({
    config,
    homeFolder: homeFolder(),
    workingFolder,
    env: environment(),
    log: log.sink,
    ...(options.yes ? { approveAll: '--yes' } : {}),
    ...(options.onAsk ? { onAsk: options.onAsk } : {}),
    ...(questions
      ? {
          asker: questions,
          elicit: (request) => questions.elicit(request),
        }
      : {}),
    ...(questions && options.watchConfig === 'ask'
      ? { confirmConfig: (question, signal) => questions.confirm(trustText(question), signal) }
      : {}),
    onConfig: (changed) => {
      log.use(changed);
      tellNotices(changed, log);
    },
  });
  const watch = options.watchConfig === undefined ? undefined : watchHostConfig(host, log);
  return {
    host,
    config,
    log,
    output,
    questions,
    signal: ending.signal,
    onInterrupt: (handler) => ending.onInterrupt(handler),
    async [Symbol.asyncDispose]() {
      const told = setTimeout(() => output.status(styled('dim', CLOSING)), QUIET_MS);
      // What is not remembered yet waits in state.db, and the registry kills its servers as the process exits.
      const release = ending.onInterrupt(() => process.exit(EXIT.interrupted));
      await (await watch)?.[Symbol.asyncDispose]();
      await host[Symbol.asyncDispose]();
      await log.close();
      clearTimeout(told);
      release();
      ending.stop();
    },
  };
}

/** How long ending may take before it is said what it waits for. */
const QUIET_MS = 1_000;
const CLOSING = 'Remembering what was said, and ending the servers … Ctrl-C leaves at once.';

function stderrOf({ logLevel, ownsTerminal }: OpenOptions): Pick<LogOptions, 'stderrLevel' | 'fileOnly'> {
  if (ownsTerminal && process.stderr.isTTY === true) return { stderrLevel: 'off' };
  return logLevel ? { stderrLevel: logLevel } : { fileOnly: ['run'] };
}

/** The config that a command uses; asks at the terminal before one from the working folder is used for the first time. */
export function readConfig(
  options: GlobalFlags,
  workingFolder: string,
  questions?: Pick<Questions, 'confirm'>,
): Promise<Config> {
  return loadConfig({
    workingFolder,
    homeFolder: homeFolder(),
    env: environment(),
    ...(options.config === undefined ? {} : { configFile: options.config }),
    ...(questions
      ? {
          confirm: (question) => questions.confirm(trustText(question)),
        }
      : {}),
  });
}

function trustText({ file, launches }: TrustQuestion): string {
  const lines = launches.map(({ name, summary }) => `  ${name}: ${oneLine(summary, 400)}`).join('\n');
  return `${file} would start, reach or allow:\n${lines}\nUse it?`;
}

function tellNotices({ notices }: Config, log: Log): void {
  for (const notice of notices) {
    log.sink({ level: notice.level, component: 'config', event: 'config-notice', fields: { ...notice } });
  }
}

/** Loaded by what runs long enough to see an edit. Never rejects: without a watch the config stays as it is. */
async function watchHostConfig(host: Host, log: Log): Promise<AsyncDisposable | undefined> {
  const path = host.config.source?.path;
  if (path === undefined) return undefined;
  const onFailure = (reason: string): void =>
    log.sink({ level: 'warn', component: 'config', event: 'config-not-watched', fields: { path, reason } });
  try {
    const { watchConfig } = await import('../../config/watch.ts');
    const watch = await watchConfig({
      path,
      homeFolder: homeFolder(),
      onChange: () => host.reloadConfig(),
      onTrust: async () => {
        if (host.configStatus.state === 'waits') await host.reloadConfig();
      },
      onFailure,
    });
    // What was changed after it was read and before it was watched.
    void host.reloadConfig();
    return watch;
  } catch (error) {
    onFailure(messageOf(error));
    return undefined;
  }
}

interface SignalWatch {
  readonly signal: AbortSignal;
  onInterrupt(handler: () => void): () => void;
  stop(): void;
}

/** Handles signals until `stop`: the first sets the exit code and aborts, a second ends the process. */
export function watchSignals(): SignalWatch {
  const controller = new AbortController();
  let interrupt: (() => void) | undefined;
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const onSignal = (name: NodeJS.Signals): void => {
    if (name === 'SIGINT' && interrupt) {
      interrupt();
      return;
    }
    // A second signal is a person who will not wait for servers to end; the registry kills them as the process exits.
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    process.exitCode = 128 + (constants.signals[name] ?? 0);
    // Ctrl-C is a person who wants no more of it; whatever else ends the program leaves its runs to be gone on with.
    controller.abort(name === 'SIGINT' ? name : suspended('closing', 'The program was asked to end.'));
  };
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    onInterrupt(handler) {
      interrupt = handler;
      return () => {
        interrupt = undefined;
      };
    },
    stop() {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
