/** Which authorization server a server trusts, and what that one says of itself (RFC 9728, RFC 8414, OpenID discovery). */
import {
  discoverAuthorizationServerMetadata,
  discoverOAuthProtectedResourceMetadata,
  discoverOAuthServerInfo,
  IssuerMismatchError,
  type OAuthServerInfo,
} from '@modelcontextprotocol/client';

import type { Fetch } from './limited-fetch.ts';

/** Rejects where the metadata names another issuer than it was asked for, and with what `fetch` threw. */
export async function discover(
  serverUrl: string,
  resourceMetadataUrl: string | undefined,
  fetchFn: Fetch,
): Promise<OAuthServerInfo> {
  try {
    return await discoverOAuthServerInfo(serverUrl, {
      ...(resourceMetadataUrl !== undefined && { resourceMetadataUrl: new URL(resourceMetadataUrl) }),
      fetchFn,
    });
  } catch (error) {
    const isMetadata = error instanceof IssuerMismatchError && error.kind === 'metadata';
    const found =
      isMetadata && resourceMetadataUrl === undefined ? await ownOrigin(serverUrl, fetchFn) : undefined;
    if (found === undefined) throw error;
    return found;
  }
}

/**
 * Before there was metadata of the resource, a server's own origin was its authorization server, and nobody compared
 * issuers. Such a one is taken at its word about its own origin, and about no other.
 */
async function ownOrigin(serverUrl: string, fetchFn: Fetch): Promise<OAuthServerInfo | undefined> {
  // A failure to find any is the point.
  const named = await discoverOAuthProtectedResourceMetadata(serverUrl, {}, fetchFn).catch(() => undefined);
  if (named !== undefined) return undefined;
  const root = new URL('/', serverUrl).href;
  const metadata = await discoverAuthorizationServerMetadata(root, { fetchFn, skipIssuerValidation: true });
  const isOwn = metadata !== undefined && URL.parse(metadata.issuer)?.origin === new URL(root).origin;
  return isOwn ? { authorizationServerUrl: root, authorizationServerMetadata: metadata } : undefined;
}
