/** Who we are to an authorization server, during one login: the SDK's flow asks this, and tells it what it obtained. */
import type {
  OAuthClientInformationContext,
  OAuthClientMetadata,
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';

import type { OAuthSettings } from '../config/server-definition.ts';
import type { Credentials } from './oauth-credentials.ts';

export interface LoginClientOptions {
  readonly settings: OAuthSettings;
  readonly stored: Credentials;
  readonly redirectUrl: string;
  readonly state: string;
  readonly discovered: OAuthDiscoveryState;
  /** A client that was registered during this login. */
  readonly onRegistered: (issuer: string, client: StoredOAuthClientInformation) => Promise<void>;
}

export class LoginClient implements OAuthClientProvider {
  readonly redirectUrl: string;
  readonly clientMetadataUrl?: string;
  readonly #options: LoginClientOptions;
  readonly #clients = new Map<string, StoredOAuthClientInformation>();
  #verifier = '';
  #authorizationUrl: URL | undefined;
  #tokens: StoredOAuthTokens | undefined;

  constructor(options: LoginClientOptions) {
    const { settings, redirectUrl, stored } = options;
    this.#options = options;
    this.redirectUrl = redirectUrl;
    if (settings.clientMetadataUrl !== undefined) this.clientMetadataUrl = settings.clientMetadataUrl;
    for (const [issuer, { client, redirectUrl: registered }] of Object.entries(stored.issuers)) {
      if (client === undefined || client.client_id === settings.clientId) continue;
      const isDocument = client.client_id === settings.clientMetadataUrl;
      const isRegistration = registered === redirectUrl && settings.clientMetadataUrl === undefined;
      if (isDocument || (isRegistration && !hasExpired(client))) this.#clients.set(issuer, client);
    }
  }

  /** Where the person is to say yes. */
  get authorizationUrl(): URL | undefined {
    return this.#authorizationUrl;
  }

  get tokenSet(): StoredOAuthTokens | undefined {
    return this.#tokens;
  }

  get clientMetadata(): OAuthClientMetadata {
    const methods =
      this.#options.discovered.authorizationServerMetadata?.token_endpoint_auth_methods_supported;
    return {
      client_name: 'Switchyard',
      redirect_uris: [this.redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      application_type: 'native',
      // A program on a person's machine keeps no secret from them; a server that wants one all the same gives us one.
      ...((methods === undefined || methods.includes('none')) && { token_endpoint_auth_method: 'none' }),
    };
  }

  state(): string {
    return this.#options.state;
  }

  clientInformation(context?: OAuthClientInformationContext): StoredOAuthClientInformation | undefined {
    const issuer = context?.issuer ?? '';
    const { clientId, clientSecret } = this.#options.settings;
    if (clientId === undefined) return this.#clients.get(issuer);
    return {
      client_id: clientId,
      ...(clientSecret !== undefined && { client_secret: clientSecret }),
      issuer,
    };
  }

  async saveClientInformation(
    client: StoredOAuthClientInformation,
    context?: OAuthClientInformationContext,
  ): Promise<void> {
    const issuer = context?.issuer ?? '';
    if (client.client_id === this.#options.settings.clientId) return;
    this.#clients.set(issuer, client);
    await this.#options.onRegistered(issuer, client);
  }

  /** A login begins afresh; what an earlier one left plays no part. */
  tokens(): StoredOAuthTokens | undefined {
    return this.#tokens;
  }

  saveTokens(tokens: StoredOAuthTokens): void {
    this.#tokens = tokens;
  }

  redirectToAuthorization(url: URL): void {
    this.#authorizationUrl = url;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  discoveryState(): OAuthDiscoveryState {
    return this.#options.discovered;
  }

  invalidateCredentials(scope: 'all' | 'client' | 'tokens' | 'verifier' | 'discovery'): void {
    if (scope === 'all' || scope === 'client') this.#clients.clear();
  }
}

function hasExpired(client: StoredOAuthClientInformation): boolean {
  const { client_secret_expires_at: atSeconds } = client as { client_secret_expires_at?: unknown };
  return typeof atSeconds === 'number' && atSeconds > 0 && atSeconds * 1_000 <= Date.now();
}
