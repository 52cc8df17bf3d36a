/** What nearly every command begins with before anything of the host is loaded. */
import type { Config } from '../../config/config.ts';
import { environment, homeFolder } from '../../config/environment.ts';
import { loadConfig } from '../../config/load-config.ts';
import type { TrustQuestion } from '../../config/trust.ts';
import { createLog, type Log, type LogOptions } from '../telemetry/log.ts';
import type { GlobalFlags } from './commands.ts';
import type { Questions } from './questions.ts';
import { oneLine } from './terminal.ts';

export interface LogFlags extends GlobalFlags {
  /** A chat draws on the terminal: log lines between its own would tear it. They go to the file alone. */
  readonly ownsTerminal?: boolean;
  /** Its log lines are what a person has of it. */
  readonly unattended?: boolean;
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

export function trustText({ file, launches }: TrustQuestion): string {
  const lines = launches.map(({ name, summary }) => `  ${name}: ${oneLine(summary, 400)}`).join('\n');
  return `${file} would start, reach or allow:\n${lines}\nUse it?`;
}

export function tellNotices({ notices }: Config, log: Log): void {
  for (const notice of notices) {
    log.sink({ level: notice.level, component: 'config', event: 'config-notice', fields: { ...notice } });
  }
}

/** The log of a command, which begins with what is to be said of the config. */
export function openLog(options: LogFlags, config: Config): Log {
  const log = createLog({
    homeFolder: homeFolder(),
    settings: config.logs,
    env: environment(),
    config,
    // The printer of a run shows its events; asked for a level, a person gets the log's own lines too.
    ...stderrOf(options),
  });
  tellNotices(config, log);
  return log;
}

function stderrOf(options: LogFlags): Pick<LogOptions, 'stderrLevel' | 'fileOnly'> {
  const { logLevel, ownsTerminal, unattended = false } = options;
  if (ownsTerminal && process.stderr.isTTY === true) return { stderrLevel: 'off' };
  if (logLevel) return { stderrLevel: logLevel };
  return { ...(unattended ? { stderrLevel: 'info' } : {}), fileOnly: ['run'] };
}
