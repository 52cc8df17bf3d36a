/**
 * Access to one remote server with what an earlier login left. It opens no browser and asks nobody: where a login is due,
 * the request fails with an AuthFailure that names the command (oauth-login.ts is that command).
 */
import {
  type AuthProvider,
  extractWWWAuthenticateParams,
  OAuthError,
  OAuthErrorCode,
  refreshAuthorization,
  type StoredOAuthTokens,
} from '@modelcontextprotocol/client';

import type { RemoteDefinition } from '../config/server-definition.ts';
import { AuthFailure, insufficientScope, loginRequired } from './auth-failure.ts';
import { type Fetch, limitedFetch } from './limited-fetch.ts';
import {
  type Challenge,
  CredentialFile,
  type Credentials,
  currentOf,
  type IssuerCredentials,
  secretsOf,
  withoutTokens,
} from './oauth-credentials.ts';

export interface ServerAuthOptions {
  readonly definition: RemoteDefinition;
  readonly homeFolder: string;
  /** Told each value that may appear nowhere, before it is used. */
  readonly onSecrets: (secrets: readonly string[]) => void;
}

/** A token is renewed this long before it ends, so that none ends on its way. */
const RENEW_EARLY_MS = 15_000;
const RENEW_TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 1_048_576;

export class ServerAuth implements AuthProvider {
  readonly #options: ServerAuthOptions;
  readonly #file: CredentialFile;
  readonly #fetch: Fetch;
  readonly #sentWith = new WeakMap<Response, string>();
  #renewing: Promise<StoredOAuthTokens> | undefined;
  #toldVersion = '';

  constructor(options: ServerAuthOptions) {
    const { definition, homeFolder } = options;
    this.#options = options;
    this.#file = new CredentialFile(homeFolder, definition);
    this.#fetch = authorizationFetch(definition.name);
  }

  get file(): string {
    return this.#file.path;
  }

  /** Another one after each login, logout and renewal, by whichever process. */
  version(): string {
    return this.#file.version();
  }

  async token(): Promise<string | undefined> {
    const current = this.#current();
    const tokens = current?.tokens;
    if (tokens === undefined) return undefined;
    const leftMs = (current?.expiresAtMs ?? Number.POSITIVE_INFINITY) - Date.now();
    if (leftMs > RENEW_EARLY_MS || tokens.refresh_token === undefined) return tokens.access_token;
    try {
      return (await this.#renew(tokens.access_token)).access_token;
    } catch (error) {
      const isUsable = error instanceof AuthFailure && error.code === 'server-unavailable' && leftMs > 0;
      if (isUsable) return tokens.access_token;
      throw error;
    }
  }

  async onUnauthorized({ response }: { readonly response: Response }): Promise<void> {
    const refused = this.#sentWith.get(response);
    const tokens = this.#current()?.tokens;
    // Another request or another process has renewed it since.
    if (tokens !== undefined && `Bearer ${tokens.access_token}` !== refused) return;
    if (tokens?.refresh_token !== undefined) {
      await this.#renew(tokens.access_token);
      return;
    }
    throw await this.#needsLogin(challengeOf(response));
  }

  /** The server refuses even what was renewed just before. */
  refusedAgain(): Promise<AuthFailure> {
    return this.#needsLogin(this.#file.read().challenge ?? {});
  }

  /** Passes requests on, and fails those that the server refuses for want of rights. */
  watching(fetch: Fetch): Fetch {
    return async (url, init) => {
      const response = await fetch(url, init);
      const sent = new Headers(init?.headers).get('authorization');
      if (sent !== null) this.#sentWith.set(response, sent);
      if (response.status !== 403) return response;
      const { error, ...challenge } = extractWWWAuthenticateParams(response);
      if (error !== 'insufficient_scope') return response;
      await response.body?.cancel();
      await this.#remember({ ...asChallenge(challenge), insufficient: true });
      throw insufficientScope(this.#options.definition.name, challenge.scope);
    };
  }

  #current(): IssuerCredentials | undefined {
    const credentials = this.#file.read();
    const version = this.#file.version();
    if (version !== this.#toldVersion) this.#options.onSecrets(secretsOf(credentials));
    this.#toldVersion = version;
    return currentOf(credentials, this.#options.definition);
  }

  /** One renewal at a time, also among processes: whoever waited takes what the other one got. */
  #renew(ended: string): Promise<StoredOAuthTokens> {
    this.#renewing ??= this.#renewLocked(ended).finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #renewLocked(ended: string): Promise<StoredOAuthTokens> {
    const { definition } = this.#options;
    const { name } = definition;
    let failure: AuthFailure | undefined;
    const after = await this.#file.update(async (credentials) => {
      const current = currentOf(credentials, definition);
      const { issuer } = credentials;
      if (issuer === undefined || current?.tokens === undefined) {
        failure = loginRequired(name);
        return credentials;
      }
      if (current.tokens.access_token !== ended) return credentials;
      try {
        const renewed = await renewedTokens(current, this.#fetch);
        this.#options.onSecrets([renewed.access_token, renewed.refresh_token ?? '']);
        return withCredentials(credentials, issuer, { ...current, ...timed(renewed, issuer) });
      } catch (error) {
        failure = renewalFailure(name, error);
        if (failure.code !== 'login-required') return credentials;
        return withCredentials(credentials, issuer, withoutTokens(current));
      }
    }, AbortSignal.timeout(RENEW_TIMEOUT_MS));
    const tokens = currentOf(after, definition)?.tokens;
    if (failure?.code === 'login-required' || tokens === undefined) throw await this.#needsLogin({});
    if (failure !== undefined) throw failure;
    return tokens;
  }

  async #needsLogin(challenge: Challenge): Promise<AuthFailure> {
    await this.#remember(challenge);
    const { name } = this.#options.definition;
    const speaksOAuth = challenge.resourceMetadataUrl !== undefined || this.#file.read().issuer !== undefined;
    return loginRequired(name, speaksOAuth ? '' : ". Where it takes a key instead, set it in 'headers'.");
  }

  /** For the login, which may be in another process. */
  async #remember(challenge: Challenge): Promise<void> {
    if (Object.keys(challenge).length === 0) return;
    const isKnown = ({ challenge: known }: Credentials): boolean =>
      JSON.stringify(known) === JSON.stringify(challenge);
    if (isKnown(this.#file.read())) return;
    await this.#file.update(
      (credentials) => (isKnown(credentials) ? credentials : { ...credentials, challenge }),
      AbortSignal.timeout(RENEW_TIMEOUT_MS),
    );
  }
}

/** Requests to an authorization server: none of the server's own headers go there, and none takes for ever. */
export function authorizationFetch(server: string): Fetch {
  const limited = limitedFetch(server, MAX_ANSWER_BYTES, () => undefined);
  return (url, init) => {
    const deadline = AbortSignal.timeout(RENEW_TIMEOUT_MS);
    const signal = init?.signal ? AbortSignal.any([init.signal, deadline]) : deadline;
    return limited(url, { ...init, signal });
  };
}

export function challengeOf(response: Response): Challenge {
  return asChallenge(extractWWWAuthenticateParams(response));
}

/** What is stored of tokens that came this moment. */
export function timed(
  tokens: StoredOAuthTokens,
  issuer: string,
): Pick<IssuerCredentials, 'tokens'> & { readonly expiresAtMs?: number } {
  const { expires_in: lifetimeSeconds } = tokens;
  return {
    tokens: { ...tokens, issuer },
    ...(lifetimeSeconds !== undefined && { expiresAtMs: Date.now() + lifetimeSeconds * 1_000 }),
  };
}

export function withCredentials(
  credentials: Credentials,
  issuer: string,
  changed: IssuerCredentials,
): Credentials {
  return { ...credentials, issuers: { ...credentials.issuers, [issuer]: changed } };
}

async function renewedTokens(
  { tokens, client, authorizationServer }: IssuerCredentials,
  fetchFn: Fetch,
): Promise<StoredOAuthTokens> {
  if (tokens?.refresh_token === undefined || client === undefined || authorizationServer === undefined)
    throw new OAuthError(OAuthErrorCode.InvalidGrant, 'There is nothing to renew it with.');
  const { url, metadata, resource } = authorizationServer;
  const renewed = await refreshAuthorization(url, {
    ...(metadata !== undefined && { metadata }),
    clientInformation: client,
    refreshToken: tokens.refresh_token,
    ...(resource !== undefined && { resource }),
    fetchFn,
  });
  return { ...(tokens.scope !== undefined && { scope: tokens.scope }), ...renewed };
}

const PASSING: readonly string[] = [
  OAuthErrorCode.ServerError,
  OAuthErrorCode.TemporarilyUnavailable,
  OAuthErrorCode.TooManyRequests,
];

/** A server that says no ends the login; one that cannot be reached or fails itself may renew it later. */
function renewalFailure(server: string, error: unknown): AuthFailure {
  if (error instanceof OAuthError && !PASSING.includes(error.code)) return loginRequired(server);
  return new AuthFailure(
    'server-unavailable',
    `The access to '${server}' has ended and could not be renewed: ${requestFailure(error)}.`,
  );
}

/** What became of a request to an authorization server, without a word of its answer: that may hold a token. */
export function requestFailure(error: unknown): string {
  if (error instanceof OAuthError) return `its authorization server says '${oneWord(error.code)}'`;
  if (!(error instanceof Error)) return 'its authorization server cannot be asked';
  if (error.name === 'TimeoutError')
    return `its authorization server gave no answer in ${RENEW_TIMEOUT_MS / 1_000} s`;
  if (error.message !== 'fetch failed') return 'the answer of its authorization server cannot be read';
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return `its authorization server cannot be reached (${typeof code === 'string' ? code : 'no connection'})`;
}

function oneWord(code: string): string {
  return code.replaceAll(/[^\w.:-]/g, '').slice(0, 60);
}

function asChallenge({
  resourceMetadataUrl,
  scope,
}: {
  readonly resourceMetadataUrl?: URL;
  readonly scope?: string;
}): Challenge {
  return {
    ...(resourceMetadataUrl !== undefined && { resourceMetadataUrl: resourceMetadataUrl.href }),
    ...(scope !== undefined && { scope }),
  };
}
