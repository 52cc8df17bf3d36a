/** The config in use, which an edit of its file changes while the host runs. */
import { ChangeFeed } from '../change-feed.ts';
import type { ApprovalRule } from '../config/approval-rule.ts';
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import type { Launch } from '../config/launch.ts';
import type { ReloadedConfig } from '../config/load-config.ts';
import type { TrustQuestion } from '../config/trust.ts';
import { messageOf } from '../errors.ts';
import type { LogSink } from '../registry/contract.ts';
import {
  type ConfigChange,
  changeBetween,
  changeText,
  isSame,
  withoutLaunches,
  withoutScripts,
} from './config-change.ts';
import type { HostNotice } from './notice.ts';

export type ConfigStatus = {
  readonly file: string;
} & (
  | { readonly state: 'current' }
  /** The file as it is cannot be used; the config before it is in use. */
  | { readonly state: 'rejected'; readonly message: string }
  /** What these start, reach or allow is used when a person accepted it; what was there before is in use. */
  | { readonly state: 'waits'; readonly launches: readonly Pick<Launch, 'id' | 'name' | 'summary'>[] }
);

export interface LiveConfigOptions {
  readonly config: Config;
  readonly homeFolder: string;
  readonly env: Environment;
  readonly log: LogSink;
  /** Puts the new config to use. `before` is the one that it takes the place of. */
  readonly adopt: (config: Config, before: Config) => Promise<void>;
  /** Asks a person to accept what a changed file starts, reaches or allows; aborted when the file changes again. */
  readonly confirm?: (question: TrustQuestion, signal: AbortSignal) => Promise<boolean>;
}

export class LiveConfig implements AsyncDisposable {
  readonly #options: LiveConfigOptions;
  readonly #feed = new ChangeFeed<HostNotice>();
  /** What this process has been using, by file and id: it needs no second yes. */
  readonly #accepted = new Set<string>();
  #current: Config;
  #status: ConfigStatus;
  /** All of the file, where only a part of it is in use. */
  #waiting: Config | undefined;
  #reloading: Promise<void> | undefined;
  #stale = false;
  #question: AbortController | undefined;
  /** Changes of what is in use, one after another. */
  #changing: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: LiveConfigOptions) {
    this.#options = options;
    this.#current = options.config;
    this.#status = { state: 'current', file: options.config.file };
    this.#accept(options.config);
  }

  get current(): Config {
    return this.#current;
  }

  get status(): ConfigStatus {
    return this.#status;
  }

  /** A call is judged by all of these lists: one that waits for a yes may already forbid, and allows nothing. */
  get approvals(): readonly (readonly ApprovalRule[])[] {
    const waiting = this.#waiting?.approvals;
    return [this.#current.approvals, ...(waiting === undefined ? [] : [waiting])];
  }

  /** What is told from the first reading on; ends when the signal aborts or the host closes. */
  notices(signal?: AbortSignal): AsyncIterable<HostNotice> {
    return this.#feed.read(signal);
  }

  /** Reads the file again and uses what may be used of it. Never rejects; what is wrong is a notice and the status. */
  reload(): Promise<void> {
    this.#stale = true;
    this.#reloading ??= this.#reloadUntilFresh().finally(() => {
      this.#reloading = undefined;
    });
    return this.#reloading;
  }

  /** Uses a config that the caller answers for. */
  apply(config: Config): Promise<void> {
    return this.#alone(async () => {
      this.#question?.abort();
      await this.#use(config);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#question?.abort();
    await this.#changing;
    this.#feed.close();
  }

  #alone(work: () => Promise<void>): Promise<void> {
    const done = this.#changing.then(async () => {
      if (!this.#closed) await work();
    });
    this.#changing = done.catch(() => undefined);
    return done;
  }

  async #reloadUntilFresh(): Promise<void> {
    while (this.#stale && !this.#closed) {
      this.#stale = false;
      await this.#alone(() => this.#reloadOnce());
    }
  }

  async #reloadOnce(): Promise<void> {
    const { source } = this.#current;
    if (source === undefined) return;
    this.#question?.abort();
    try {
      const { reloadConfig } = await import('../config/load-config.ts');
      const reloaded = await reloadConfig(this.#current, source, this.#options);
      if (this.#closed) return;
      const unaccepted = await this.#unaccepted(reloaded.config);
      if (unaccepted.length === 0) await this.#use(reloaded.config);
      else await this.#wait(reloaded, unaccepted);
    } catch (error) {
      this.#reject(messageOf(error));
    }
  }

  async #unaccepted({ file, origin, source }: Config): Promise<readonly Launch[]> {
    const launches = (source?.launches ?? []).filter((launch) => !this.#accepted.has(idOf(file, launch)));
    if (launches.length === 0 || origin === 'default') return launches;
    const { unacceptedLaunches } = await import('../config/trust.ts');
    return unacceptedLaunches(file, launches, this.#options.homeFolder);
  }

  async #use(config: Config): Promise<void> {
    const wasCurrent = this.#status.state === 'current';
    const change = await this.#adopt(config);
    this.#waiting = undefined;
    this.#accept(config);
    this.#status = { state: 'current', file: config.file };
    if (wasCurrent && isSame(change)) return;
    const message = `${config.file} was changed and is in use (${changeText(change)}).`;
    this.#tell({ type: 'config-applied', level: 'info', message, data: { file: config.file, ...change } });
  }

  async #wait(reloaded: ReloadedConfig, launches: readonly Launch[]): Promise<void> {
    const { config } = reloaded;
    const written = config.source?.written ?? {};
    const inUse = this.#current.source?.written ?? {};
    const usable = await reloaded.instead(
      withoutLaunches(written, launches, inUse),
      withoutScripts(config.scripts ?? {}, launches, this.#current.scripts ?? {}),
    );
    const change = await this.#adopt(usable);
    this.#waiting = config;
    const told = launches.map(({ id, name, summary }) => ({ id, name, summary }));
    const { file } = config;
    this.#status = { state: 'waits', file, launches: told };
    const lines = told.map(({ name, summary }) => `  ${name}: ${summary}`);
    const rest = isSame(change) ? '' : ` The rest is in use (${changeText(change)}).`;
    const message = [
      `${file} was changed, and this waits for a yes:`,
      ...lines,
      `Until then what was there before is in use.${rest} To accept it:  switchyard config trust ${file}`,
    ].join('\n');
    this.#tell({ type: 'config-waits', level: 'warn', message, data: { file, launches: told, ...change } });
    if (this.#options.confirm !== undefined && !this.#closed)
      void this.#ask(config, launches, this.#options.confirm);
  }

  /** Never rejects. */
  async #ask(
    config: Config,
    launches: readonly Launch[],
    confirm: NonNullable<LiveConfigOptions['confirm']>,
  ): Promise<void> {
    const question = new AbortController();
    this.#question = question;
    const { file, source, origin } = config;
    try {
      const accepted = await confirm({ file, launches }, question.signal);
      if (!accepted) return;
      await this.#alone(async () => {
        // Another edit may have come meanwhile: the yes was to what was shown.
        if (question.signal.aborted) return;
        if (origin === 'working-folder' && source !== undefined) {
          const { acceptLaunches } = await import('../config/trust.ts');
          await acceptLaunches({ file, launches: source.launches }, this.#options.homeFolder);
        }
        await this.#use(config);
      });
    } catch (error) {
      if (!question.signal.aborted) this.#reject(messageOf(error));
    }
  }

  #reject(reason: string): void {
    if (this.#closed) return;
    this.#waiting = undefined;
    const { file } = this.#current;
    this.#status = { state: 'rejected', file, message: reason };
    const message = `${reason}\nThe config that was read before stays in use.`;
    this.#tell({ type: 'config-rejected', level: 'warn', message, data: { file, reason } });
  }

  async #adopt(config: Config): Promise<ConfigChange> {
    const before = this.#current;
    this.#current = config;
    await this.#options.adopt(config, before);
    return changeBetween(before, config);
  }

  #accept({ file, source }: Config): void {
    for (const launch of source?.launches ?? []) this.#accepted.add(idOf(file, launch));
  }

  #tell(notice: HostNotice): void {
    const { type, level, message, data } = notice;
    this.#options.log({ level, component: 'config', event: type, fields: { message, ...data } });
    this.#feed.publish(notice);
  }
}

/** What a file of another place starts is something else, because paths count from there. */
function idOf(file: string, { id, hash }: Launch): string {
  return JSON.stringify([file, id, hash]);
}
