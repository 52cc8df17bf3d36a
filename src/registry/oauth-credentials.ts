/**
 * What a login left: `oauth/<hash>.json` in the home folder, mode 0600, a file for each server, in it what belongs to each
 * issuer. The hash is of the server's name and URL: a token goes to no other address than the one it was obtained for.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type {
  AuthorizationServerMetadata,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';

import type { RemoteDefinition } from '../config/server-definition.ts';
import { isJsonObject } from '../json.ts';

const FORMAT = 1;

export interface Credentials {
  /** The authorization server of the last login. */
  readonly issuer?: string;
  readonly issuers: Readonly<Record<string, IssuerCredentials>>;
  /** What the server asked for when it last refused us. */
  readonly challenge?: Challenge;
}

export interface IssuerCredentials {
  readonly client?: StoredOAuthClientInformation;
  /** The redirect URL that the client was registered with. */
  readonly redirectUrl?: string;
  readonly tokens?: StoredOAuthTokens;
  readonly expiresAtMs?: number;
  readonly authorizationServer?: AuthorizationServer;
}

export interface AuthorizationServer {
  readonly url: string;
  readonly metadata?: AuthorizationServerMetadata;
  /** The resource indicator that tokens are bound to. */
  readonly resource?: string;
}

export interface Challenge {
  readonly resourceMetadataUrl?: string;
  readonly scope?: string;
  /** It knew us, and wants more rights than the login gave. */
  readonly insufficient?: boolean;
}

export class CredentialFile {
  readonly path: string;
  readonly #folder: string;
  readonly #server: string;
  #read: { readonly version: string; readonly credentials: Credentials } | undefined;

  constructor(homeFolder: string, { name, url }: Pick<RemoteDefinition, 'name' | 'url'>) {
    this.#folder = join(homeFolder, 'oauth');
    this.#server = name;
    const hash = createHash('sha256')
      .update(JSON.stringify([name, url]))
      .digest('hex')
      .slice(0, 32);
    this.path = join(this.#folder, `${hash}.json`);
  }

  /** Another one after each change by whichever process; empty where there is no file. */
  version(): string {
    const found = statSync(this.path, { throwIfNoEntry: false, bigint: true });
    return found === undefined ? '' : `${found.ino}-${found.mtimeNs}-${found.size}`;
  }

  /** As they are on disk. A file that cannot be read as such holds none: a login writes it afresh. */
  read(): Credentials {
    const version = this.version();
    if (this.#read?.version === version) return this.#read.credentials;
    const credentials = version === '' ? NO_CREDENTIALS : parse(this.path);
    this.#read = { version, credentials };
    return credentials;
  }

  /** Runs `change` on what is on disk while no other process changes it, and writes what it returns. */
  update(
    change: (current: Credentials) => Promise<Credentials> | Credentials,
    signal: AbortSignal,
  ): Promise<Credentials> {
    return this.#alone(signal, async () => {
      const { default: writeFileAtomic } = await import('write-file-atomic');
      const current = this.read();
      const next = await change(current);
      if (next === current) return next;
      const text = JSON.stringify({ format: FORMAT, server: this.#server, ...next });
      await writeFileAtomic(this.path, `${text}\n`, { mode: 0o600 });
      return next;
    });
  }

  /** Returns what was there. */
  remove(signal: AbortSignal): Promise<Credentials> {
    return this.#alone(signal, async () => {
      const removed = this.read();
      rmSync(this.path, { force: true });
      return removed;
    });
  }

  async #alone<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const { withWriteLock } = await import('../database/write-lock.ts');
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    return withWriteLock(`${this.path}.lock`, signal, work);
  }
}

const NO_CREDENTIALS: Credentials = { issuers: {} };

/** The tokens of the last login; those of a client other than the configured one are none. */
export function currentOf(
  { issuer, issuers }: Credentials,
  { oauth }: Pick<RemoteDefinition, 'oauth'>,
): IssuerCredentials | undefined {
  const found = issuer === undefined ? undefined : issuers[issuer];
  const isOther = oauth?.clientId !== undefined && found?.client?.client_id !== oauth.clientId;
  return isOther ? undefined : found;
}

/** Who we are there stays known. */
export function withoutTokens(credentials: IssuerCredentials): IssuerCredentials {
  const { tokens: _, expiresAtMs: __, ...rest } = credentials;
  return rest;
}

/** Every value that may appear nowhere else. */
export function secretsOf({ issuers }: Credentials): string[] {
  return Object.values(issuers)
    .flatMap(({ client, tokens }) => [client?.client_secret, tokens?.access_token, tokens?.refresh_token])
    .filter((secret) => secret !== undefined);
}

function parse(path: string): Credentials {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // Damaged, or taken away this moment: as if nobody had logged in.
    return NO_CREDENTIALS;
  }
  if (!isJsonObject(value) || value['format'] !== FORMAT || !isJsonObject(value['issuers']))
    return NO_CREDENTIALS;
  const { format: _, server: __, ...credentials } = value;
  return credentials as unknown as Credentials;
}
