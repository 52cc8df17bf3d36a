/** Logging in to a remote server: discovery, a client of ours there, a person's yes in a browser, tokens on disk. */
import { randomBytes } from 'node:crypto';

import {
  auth,
  computeScopeUnion,
  type OAuthServerInfo,
  type StoredOAuthClientInformation,
  type StoredOAuthTokens,
  validateAuthorizationResponseIssuer,
} from '@modelcontextprotocol/client';

import type { RemoteDefinition } from '../config/server-definition.ts';
import { HostError } from '../errors.ts';
import type { LoginOptions, LoginResult } from './contract.ts';
import type { Fetch } from './limited-fetch.ts';
import { authorizationFetch, timed, withCredentials } from './oauth.ts';
import { LoginClient } from './oauth-client.ts';
import {
  type Challenge,
  CredentialFile,
  type Credentials,
  currentOf,
  withoutTokens,
} from './oauth-credentials.ts';
import { discover } from './oauth-discovery.ts';
import { loginFailure } from './oauth-failure.ts';
import { type Probed, probe } from './oauth-probe.ts';
import { listenForRedirect, pastedArrival, type RedirectListener } from './oauth-redirect.ts';

export interface LogInOptions extends LoginOptions {
  readonly definition: RemoteDefinition;
  readonly homeFolder: string;
  readonly onSecrets: (secrets: readonly string[]) => void;
}

const DEFAULT_TIMEOUT_MS = 300_000;

/** Rejects with a HostError that says what to do. What was there before is kept until the new tokens have come. */
export async function logIn(options: LogInOptions): Promise<LoginResult> {
  const { definition, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
  try {
    return await new Login(options, signal).run();
  } catch (error) {
    if (options.signal?.aborted === true) throw new HostError('cancelled', 'The login was cancelled.');
    if (deadline.aborted) {
      const message = `Nobody said yes to the login to '${definition.name}' within ${Math.round(timeoutMs / 1_000)} s. Where the page in the browser showed an error, "switchyard logout ${definition.name}" lets the next login begin from nothing.`;
      throw new HostError('login-timeout', message);
    }
    throw loginFailure(definition, error);
  }
}

class Login {
  readonly #options: LogInOptions;
  readonly #signal: AbortSignal;
  readonly #file: CredentialFile;
  readonly #fetch: Fetch;

  constructor(options: LogInOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#file = new CredentialFile(options.homeFolder, options.definition);
    const base = authorizationFetch(options.definition.name);
    this.#fetch = (url, init) => base(url, { ...init, signal });
  }

  async run(): Promise<LoginResult> {
    const { definition } = this.#options;
    const { oauth: settings = {}, url } = definition;
    const stored = this.#file.read();
    const probed = await probe(definition, this.#fetch, this.#signal);
    const challenge = challengeFor(probed, stored);
    const metadataUrl = challenge.resourceMetadataUrl;
    const discovered = await discover(url, metadataUrl, this.#fetch);
    const { resourceMetadata, authorizationServerMetadata } = discovered;
    const knowsLogins = resourceMetadata !== undefined || authorizationServerMetadata !== undefined;
    if (probed.type === 'answered' && stored.challenge === undefined && !knowsLogins) {
      const message = `'${definition.name}' asks for no login: it answers without one.`;
      throw new HostError('login-not-needed', message);
    }
    const issuer = authorizationServerMetadata?.issuer ?? discovered.authorizationServerUrl;
    this.#checkBinding(stored, issuer);
    const registered = stored.issuers[issuer]?.redirectUrl;
    await using listener = await listenForRedirect({
      ...(settings.redirectPort !== undefined && { port: settings.redirectPort }),
      ...(registered !== undefined && { wished: Number(new URL(registered).port) }),
    });
    const state = randomBytes(32).toString('base64url');
    const client = new LoginClient({
      settings,
      stored,
      state,
      redirectUrl: listener.url,
      discovered: { ...discovered, ...(metadataUrl !== undefined && { resourceMetadataUrl: metadataUrl }) },
      onRegistered: (at, registration) => this.#keepClient(at, registration, listener.url),
    });
    const scope = this.#scope(challenge, stored);
    const flow = {
      serverUrl: url,
      ...(scope !== undefined && { scope }),
      forceReauthorization: true,
      fetchFn: this.#fetch,
    };
    const arrival = listener.arrival(state);
    await auth(client, flow);
    await this.#ask(client.authorizationUrl);
    const answer = await this.#answer(arrival, listener, state);
    const code = this.#code(answer, discovered);
    const iss = answer.get('iss');
    await auth(client, { ...flow, authorizationCode: code, ...(iss !== null && { iss }) });
    const { tokenSet } = client;
    if (tokenSet === undefined) throw new HostError('login-failed', 'The login ended without a token.');
    return this.#keep(tokenSet, issuer, discovered, client, scope);
  }

  /** The id and secret of a client that was registered by hand go to the server they were first used with, and no other. */
  #checkBinding(stored: Credentials, issuer: string): void {
    const { name, oauth } = this.#options.definition;
    if (oauth?.clientId === undefined) return;
    const bound = Object.entries(stored.issuers).find(
      ([at, { client }]) => at !== issuer && client?.client_id === oauth.clientId,
    );
    if (bound === undefined) return;
    const message = `'${name}' sends us to another authorization server (${issuer}) than the one that 'clientId' was used with (${bound[0]}). Where that is right: switchyard logout ${name}, then log in again.`;
    throw new HostError('login-refused', message);
  }

  #scope(challenge: Challenge, stored: Credentials): string | undefined {
    const { definition } = this.#options;
    const wanted = definition.oauth?.scopes?.join(' ');
    if (challenge.insufficient !== true) return wanted ?? challenge.scope;
    return computeScopeUnion(wanted, currentOf(stored, definition)?.tokens?.scope, challenge.scope);
  }

  async #ask(url: URL | undefined): Promise<void> {
    // What a server names is handed to the system to be opened: a page, and nothing else.
    const isLocal = url !== undefined && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
    if (url === undefined || !(url.protocol === 'https:' || (url.protocol === 'http:' && isLocal)))
      throw new HostError('login-refused', 'The authorization server names no https page to log in at.');
    await this.#options.onAuthorizationUrl(url.href);
  }

  async #answer(
    arrival: Promise<URLSearchParams>,
    { url }: RedirectListener,
    state: string,
  ): Promise<URLSearchParams> {
    const ended = new Promise<never>((_, reject) => {
      const end = () => reject(new HostError('cancelled', 'The login was ended.'));
      if (this.#signal.aborted) end();
      this.#signal.addEventListener('abort', end, { once: true });
    });
    return Promise.race([arrival, this.#pasted(url, state), ended]);
  }

  async #pasted(redirectUrl: string, state: string): Promise<URLSearchParams> {
    for await (const line of this.#options.pasted ?? []) {
      if (line.trim() === '') continue;
      const found = pastedArrival(line, redirectUrl, state);
      if (found !== undefined) return found;
      this.#options.onNote?.(
        `That is not the address that the browser was sent to; it begins with ${redirectUrl}?`,
      );
    }
    // Nothing more will be pasted; the browser may still come.
    return new Promise(() => undefined);
  }

  #code(answer: URLSearchParams, { authorizationServerMetadata: metadata }: OAuthServerInfo): string {
    const code = answer.get('code');
    if (code !== null) return code;
    // Before anything of the answer is believed, it must be that server's (RFC 9207).
    validateAuthorizationResponseIssuer({
      iss: answer.get('iss') ?? undefined,
      expectedIssuer: metadata?.issuer,
      issParameterSupported: metadata?.authorization_response_iss_parameter_supported === true,
    });
    const error = (answer.get('error') ?? 'no reason given').replaceAll(/[^\w .:-]/g, '').slice(0, 60);
    throw new HostError('login-refused', `The authorization server did not agree: ${error}.`);
  }

  async #keepClient(
    issuer: string,
    client: StoredOAuthClientInformation,
    redirectUrl: string,
  ): Promise<void> {
    if (client.client_secret !== undefined) this.#options.onSecrets([client.client_secret]);
    await this.#file.update(
      (current) => withCredentials(current, issuer, { ...current.issuers[issuer], client, redirectUrl }),
      this.#signal,
    );
  }

  async #keep(
    tokens: StoredOAuthTokens,
    issuer: string,
    { authorizationServerUrl, authorizationServerMetadata, resourceMetadata }: OAuthServerInfo,
    client: LoginClient,
    asked: string | undefined,
  ): Promise<LoginResult> {
    const scope = tokens.scope ?? asked;
    const kept = timed({ ...tokens, ...(scope !== undefined && { scope }) }, issuer);
    const { access_token, refresh_token } = tokens;
    this.#options.onSecrets([access_token, ...(refresh_token === undefined ? [] : [refresh_token])]);
    const information = client.clientInformation({ issuer });
    await this.#file.update(({ issuers }) => {
      const others = Object.entries(issuers).map(([at, other]) => [at, withoutTokens(other)]);
      const { redirectUrl } = issuers[issuer] ?? {};
      const own = {
        ...(information !== undefined && { client: information }),
        ...(redirectUrl !== undefined && { redirectUrl }),
        ...kept,
        authorizationServer: {
          url: authorizationServerUrl,
          ...(authorizationServerMetadata !== undefined && { metadata: authorizationServerMetadata }),
          ...(resourceMetadata !== undefined && { resource: resourceMetadata.resource }),
        },
      };
      return { issuer, issuers: { ...Object.fromEntries(others), [issuer]: own } };
    }, this.#signal);
    return {
      server: this.#options.definition.name,
      issuer,
      scopes: scope?.split(' ').filter((word) => word !== '') ?? [],
      ...(kept.expiresAtMs !== undefined && { expiresAtMs: kept.expiresAtMs }),
      renewable: refresh_token !== undefined,
    };
  }
}

/** What the server asks of a stranger; where it lets everybody in at first, what it said when it last refused us. */
function challengeFor(probed: Probed, { challenge: known = {} }: Credentials): Challenge {
  if (probed.type !== 'refused') return known;
  // A refusal for want of rights names them; the one of a stranger does not.
  return known.insufficient === true ? { ...probed.challenge, ...known } : probed.challenge;
}
