/** What a server says to somebody who is not logged in. */
import type { RemoteDefinition } from '../config/server-definition.ts';
import type { Fetch } from './limited-fetch.ts';
import { challengeOf } from './oauth.ts';
import type { Challenge } from './oauth-credentials.ts';

const VERSION = '2026-07-28';

export type Probed =
  | { readonly type: 'refused'; readonly challenge: Challenge }
  /** It answered, or failed in another way: it may want a login for some requests only. */
  | { readonly type: 'answered' };

/** Asks for nothing that a server would keep: a request without effect, which one of the older era does not know. */
export async function probe(
  definition: RemoteDefinition,
  fetch: Fetch,
  signal: AbortSignal,
): Promise<Probed> {
  const { url, type, headers } = definition;
  const asked: RequestInit =
    type === 'sse'
      ? { headers: { ...headers, accept: 'text/event-stream' } }
      : {
          method: 'POST',
          headers: {
            ...headers,
            accept: 'application/json, text/event-stream',
            'content-type': 'application/json',
            'mcp-protocol-version': VERSION,
            'mcp-method': 'server/discover',
          },
          body: JSON.stringify({
            jsonrpc: '2.0',
            id: 0,
            method: 'server/discover',
            params: {
              _meta: {
                'io.modelcontextprotocol/protocolVersion': VERSION,
                'io.modelcontextprotocol/clientCapabilities': {},
              },
            },
          }),
        };
  const response = await fetch(url, { ...asked, redirect: 'manual', signal });
  await response.body?.cancel();
  if (response.status === 404 || response.status === 405) {
    return type === 'sse' ? { type: 'answered' } : probe({ ...definition, type: 'sse' }, fetch, signal);
  }
  return response.status === 401
    ? { type: 'refused', challenge: challengeOf(response) }
    : { type: 'answered' };
}
