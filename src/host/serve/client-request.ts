/** One request of a client as the facade sees it, whatever the transport and the era. */
import { isJsonObject, type JsonObject, jsonText } from '../../json.ts';
import { shownName } from '../../nearest-name.ts';
import type { ClientKey, Progress } from '../../registry/contract.ts';
import type { CallerInput } from '../tool-call/caller-input.ts';
import { ERROR, type Era, META, MODERN_VERSIONS, ProtocolError } from './protocol.ts';

export interface ClientRequest {
  readonly method: string;
  readonly params: JsonObject;
  /** What of its `_meta` is for whoever answers: no progress token, which is of one hop, and nothing about the client. */
  readonly meta: JsonObject;
  readonly client: ClientFacts;
  readonly key: ClientKey;
  readonly signal: AbortSignal;
  /** Undefined where the client did not ask for it. */
  readonly onProgress?: (progress: Progress) => void;
  /** Asks the client what servers ask. */
  readonly input?: CallerInput;
}

/** What a client said of itself: once in the 2025 era, with every request in the modern one. */
export interface ClientFacts {
  readonly era: Era;
  readonly protocolVersion: string;
  readonly name: string;
  readonly capabilities: JsonObject;
  /** The name of the token with which it came in; where there is none, nothing but its own word says who it is. */
  readonly principal?: string;
}

/**
 * On whose behalf a client's calls are: whose token it has. Without one the name is the client's own word, so that the actor is
 * no proof of who it is: it keeps apart what is kept for different programs, and is never that of a token.
 */
export function actorOf({ name, principal }: Pick<ClientFacts, 'name' | 'principal'>): string {
  if (principal !== undefined) return `token:${principal}`;
  const plain = name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, 64);
  return `client:${plain === '' ? 'unnamed' : plain}`;
}

/** Undefined where a request does not claim to be of the modern era. */
export function modernClient(params: JsonObject): ClientFacts | undefined {
  const meta = isJsonObject(params['_meta']) ? params['_meta'] : {};
  if (!(META.protocolVersion in meta)) return undefined;
  const protocolVersion = meta[META.protocolVersion];
  if (typeof protocolVersion !== 'string')
    throw new ProtocolError(ERROR.invalidParams, `_meta["${META.protocolVersion}"] must be a text.`);
  if (!MODERN_VERSIONS.includes(protocolVersion))
    throw new ProtocolError(
      ERROR.unsupportedVersion,
      `Unsupported protocol version: ${shownName(protocolVersion)}`,
      {
        supported: MODERN_VERSIONS,
        requested: protocolVersion,
      },
    );
  const capabilities = meta[META.clientCapabilities];
  if (!isJsonObject(capabilities))
    throw new ProtocolError(
      ERROR.invalidParams,
      `_meta["${META.clientCapabilities}"] is missing or no object; the revision ${protocolVersion} requires it with every request.`,
    );
  return { era: 'modern', protocolVersion, name: clientName(meta[META.clientInfo]), capabilities };
}

export function clientName(info: JsonObject[string] | undefined): string {
  return isJsonObject(info) ? jsonText(info['name']) : '';
}

export function metaForServers(params: JsonObject): JsonObject {
  if (!isJsonObject(params['_meta'])) return {};
  const kept = Object.entries(params['_meta']).filter(([key]) => !OF_THIS_HOP.has(key));
  return Object.fromEntries(kept);
}

const OF_THIS_HOP: ReadonlySet<string> = new Set([
  'progressToken',
  META.protocolVersion,
  META.clientInfo,
  META.clientCapabilities,
]);
