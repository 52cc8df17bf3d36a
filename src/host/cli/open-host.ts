/** What nearly every command begins with: config, log, host, and an orderly end when a signal comes. */
import { environment, homeFolder } from '../../config/environment.ts';
import type { Config } from '../../config/config.ts';
import { createHost, type Host } from '../host.ts';
import type { Log } from '../telemetry/log.ts';
import { type LogFlags, openLog, readConfig, tellNotices, trustText } from './config-and-log.ts';
import { EXIT } from './exit-code.ts';
import { Person } from './person.ts';
import { tellGlobFaults } from './glob-faults.ts';
import type { Questions } from './questions.ts';
import { isInteractive, type Output, processOutput, styled } from './terminal.ts';
import { watchSignals } from './watch-signals.ts';

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

export interface OpenOptions extends LogFlags {
  /** Nobody is asked, and runs that were left are gone on with, all of it in the folder of the config. */
  readonly unattended?: boolean;
  readonly yes?: boolean;
  /** What becomes of calls that a person is to allow where none is at a terminal; `deny` by default. */
  readonly onAsk?: 'wait' | 'deny';
  readonly workingFolder?: string;
  /** The host works in the folder of the config that was found, wherever the command was called. */
  readonly inConfigFolder?: boolean;
  /** Who tells of globs that fit no tool by itself. */
  readonly quietGlobs?: boolean;
  /** Takes the place of lines at a prompt. */
  readonly questions?: Questions;
  /**
   * An edit of the config's file is put to use while the host is open. `ask`: what it starts, reaches or allows anew is
   * put to the person; `tell`: it waits for `config trust`.
   */
  readonly watchConfig?: 'ask' | 'tell';
}

export async function openHost(options: OpenOptions): Promise<OpenedHost> {
  const output = processOutput();
  const { unattended = false, inConfigFolder = unattended } = options;
  const questions = options.questions ?? (isInteractive() && !unattended ? new Person() : undefined);
  const calledIn = options.workingFolder ?? process.cwd();
  const config = await readConfig(options, calledIn, questions);
  const workingFolder = inConfigFolder ? config.folder : calledIn;
  const log = openLog(options, config);
  const ending = watchSignals();
  const host = await createHost({
    config,
    homeFolder: homeFolder(),
    workingFolder,
    env: environment(),
    log: log.sink,
    onSecrets: (secrets) => log.learn(secrets),
    ...(options.yes ? { approveAll: '--yes' } : {}),
    ...(options.onAsk ? { onAsk: options.onAsk } : {}),
    ...(unattended ? { adoptRuns: true } : {}),
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
      // When it is in use, and the catalog is that of its servers.
      setImmediate(() => tellGlobFaults(host, log));
    },
  });
  if (options.quietGlobs !== true) tellGlobFaults(host, log);
  const watch =
    options.watchConfig === undefined
      ? undefined
      : import('./watch-host-config.ts').then(({ watchHostConfig }) => watchHostConfig(host, log));
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
