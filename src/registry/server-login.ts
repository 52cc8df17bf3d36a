/** Whether one server waits for a login, and noticing that somebody logged in, in this process or another. */
import { unwatchFile, watchFile } from 'node:fs';

import type { RemoteDefinition, StdioDefinition } from '../config/server-definition.ts';
import type { AuthFailure } from './auth-failure.ts';
import type { ServerAuth } from './oauth.ts';
import type { Redact } from './redact.ts';

export interface ServerLoginOptions {
  readonly homeFolder: string;
  readonly onSecrets: (secrets: readonly string[]) => void;
}

interface Waiting {
  readonly failure: AuthFailure;
  readonly version: string;
  readonly sinceMs: number;
  readonly stop: () => void;
}

/** A server that wanted a login is asked again after this time even where nobody logged in. */
const ASK_AGAIN_MS = 60_000;
const LOOK_EVERY_MS = 500;
/** Values of before the last renewals are told by nobody any more. */
const MASKED_SECRETS = 12;

export class ServerLogin {
  readonly #options: ServerLoginOptions;
  #auth: ServerAuth | undefined;
  #waiting: Waiting | undefined;
  #secrets: readonly string[] = [];

  constructor(options: ServerLoginOptions) {
    this.#options = options;
  }

  /** Undefined for a local server, and for one whose credentials stand in the config. Loads the SDK. */
  async open(definition: StdioDefinition | RemoteDefinition): Promise<ServerAuth | undefined> {
    if (definition.type === 'stdio' || hasCredentials(definition)) return undefined;
    const { ServerAuth } = await import('./oauth.ts');
    const { homeFolder } = this.#options;
    this.#auth ??= new ServerAuth({ definition, homeFolder, onSecrets: (secrets) => this.#learn(secrets) });
    return this.#auth;
  }

  /** Why no attempt is worth making: a login is due, and nobody has logged in since that is known. */
  get due(): AuthFailure | undefined {
    const waiting = this.#waiting;
    if (waiting === undefined || this.#auth?.version() !== waiting.version) return undefined;
    return performance.now() - waiting.sinceMs < ASK_AGAIN_MS ? waiting.failure : undefined;
  }

  get isDue(): boolean {
    return this.#waiting !== undefined;
  }

  /** `onChanged` is called when what is known of logins to this server becomes other than it is. */
  wait(failure: AuthFailure, onChanged: () => void): void {
    this.settle();
    const auth = this.#auth;
    if (auth === undefined) return;
    const { file } = auth;
    watchFile(file, { persistent: false, interval: LOOK_EVERY_MS }, onChanged);
    this.#waiting = {
      failure,
      version: auth.version(),
      sinceMs: performance.now(),
      stop: () => unwatchFile(file, onChanged),
    };
  }

  settle(): void {
    this.#waiting?.stop();
    this.#waiting = undefined;
  }

  /** Keeps what logins brought out of texts as well. */
  masking(redact: Redact): Redact {
    return (text) =>
      this.#secrets.reduce((masked, secret) => masked.replaceAll(secret, '[login]'), redact(text));
  }

  #learn(secrets: readonly string[]): void {
    const fresh = secrets.filter((secret) => secret !== '' && !this.#secrets.includes(secret));
    this.#secrets = [...fresh, ...this.#secrets].slice(0, MASKED_SECRETS);
    if (fresh.length > 0) this.#options.onSecrets(fresh);
  }
}

function hasCredentials({ headers }: RemoteDefinition): boolean {
  return Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
}
