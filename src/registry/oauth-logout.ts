/** Ends a login: its tokens are revoked where the authorization server offers that (RFC 7009), and deleted in any case. */
import { assertSecureTokenEndpoint, selectClientAuthMethod } from '@modelcontextprotocol/client';

import type { RemoteDefinition } from '../config/server-definition.ts';
import type { LogoutResult } from './contract.ts';
import type { Fetch } from './limited-fetch.ts';
import { authorizationFetch } from './oauth.ts';
import { CredentialFile, type IssuerCredentials } from './oauth-credentials.ts';

export interface LogOutOptions {
  readonly definition: RemoteDefinition;
  readonly homeFolder: string;
  readonly signal: AbortSignal;
}

export async function logOut({ definition, homeFolder, signal }: LogOutOptions): Promise<LogoutResult> {
  const { name: server } = definition;
  // Deleted first: whatever becomes of the rest, nobody here uses them any more.
  const removed = await new CredentialFile(homeFolder, definition).remove(signal);
  const logins = Object.values(removed.issuers).filter(({ tokens }) => tokens !== undefined);
  const fetch = authorizationFetch(server);
  const outcomes = await Promise.all(logins.map((login) => revoked(login, fetch, signal)));
  if (logins.length === 0) return { server, wasLoggedIn: false, revocation: 'none' };
  const worst = (['failed', 'not-offered', 'done'] as const).find((outcome) => outcomes.includes(outcome));
  return { server, wasLoggedIn: true, revocation: worst ?? 'done' };
}

type Revocation = Exclude<LogoutResult['revocation'], 'none'>;

async function revoked(
  { tokens, client, authorizationServer }: IssuerCredentials,
  fetch: Fetch,
  signal: AbortSignal,
): Promise<Revocation> {
  const metadata = authorizationServer?.metadata;
  const { revocation_endpoint: endpoint } = (metadata ?? {}) as { revocation_endpoint?: unknown };
  if (typeof endpoint !== 'string' || client === undefined) return 'not-offered';
  const { refresh_token, access_token } = tokens ?? {};
  try {
    const url = assertSecureTokenEndpoint(endpoint);
    const method = selectClientAuthMethod(client, metadata?.token_endpoint_auth_methods_supported ?? []);
    for (const [hint, token] of Object.entries({ refresh_token, access_token })) {
      if (token === undefined) continue;
      const body = new URLSearchParams({ token, token_type_hint: hint });
      const headers = new Headers({ accept: 'application/json' });
      const { client_id: id, client_secret: secret } = client;
      if (method === 'client_secret_basic') headers.set('authorization', `Basic ${btoa(`${id}:${secret}`)}`);
      else body.set('client_id', id);
      if (method === 'client_secret_post' && secret !== undefined) body.set('client_secret', secret);
      const response = await fetch(url, { method: 'POST', headers, body, redirect: 'error', signal });
      await response.body?.cancel();
      if (!response.ok) return 'failed';
    }
    return 'done';
  } catch {
    // Whatever it was: the caller says that they were not revoked there.
    return 'failed';
  }
}
