/** What the specification names: revisions, reserved keys, error codes. */
import { HostError, toHostError } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';

/** The newest first. */
export const MODERN_VERSIONS: readonly string[] = ['2026-07-28'];
export const LEGACY_VERSIONS: readonly string[] = [
  '2025-11-25',
  '2025-06-18',
  '2025-03-26',
  '2024-11-05',
  '2024-10-07',
];
const LATEST_LEGACY_VERSION = '2025-11-25';

export const META = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
} as const;

export const ERROR = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  /** Of the 2025 era; the modern one says `invalidParams`. */
  resourceNotFound: -32002,
  headerMismatch: -32020,
  missingCapability: -32021,
  unsupportedVersion: -32022,
  /** Of 2025-11-25; a modern client is asked instead. */
  urlRequired: -32042,
  /** These are ours (spec 2026-07-28: basic, error codes): from -32000 to -32019. */
  unauthorized: -32010,
  tooManyRequests: -32011,
} as const;

export type Era = 'modern' | 'legacy';

/** An error that the client gets as the protocol's own. */
export class ProtocolError extends Error {
  readonly code: number;
  readonly data: Json | undefined;

  constructor(code: number, message: string, data?: Json) {
    super(message);
    this.name = 'ProtocolError';
    this.code = code;
    this.data = data;
  }
}

/** The `error` of a JSON-RPC answer for whatever was thrown. */
export function wireError(thrown: unknown, era: Era): JsonObject {
  const { code, message, data } = protocolErrorOf(thrown);
  const inEra = era === 'modern' ? (IN_MODERN_ERA.get(code) ?? code) : code;
  return { code: inEra, message, ...(data === undefined ? {} : { data }) };
}

/** Codes that are not to be sent any more (spec 2026-07-28: basic, "Error Codes"). */
const IN_MODERN_ERA: ReadonlyMap<number, number> = new Map<number, number>([
  [ERROR.resourceNotFound, ERROR.invalidParams],
  [ERROR.urlRequired, ERROR.internal],
]);

function protocolErrorOf(thrown: unknown): Pick<ProtocolError, 'code' | 'message' | 'data'> {
  if (thrown instanceof ProtocolError) return thrown;
  const { code, message } = thrown instanceof HostError ? thrown : toHostError(thrown);
  return { code: HOST_CODES.get(code) ?? ERROR.internal, message, data: undefined };
}

const HOST_CODES: ReadonlyMap<string, number> = new Map([
  ['unknown-tool', ERROR.invalidParams],
  ['unknown-prompt', ERROR.invalidParams],
  ['unknown-resource', ERROR.resourceNotFound],
  ['unknown-result', ERROR.resourceNotFound],
  ['unknown-run', ERROR.resourceNotFound],
]);

/** The client's own version where we speak it, else our latest of its era (spec 2025-11-25: lifecycle). */
export function legacyVersionFor(requested: Json | undefined): string {
  return LEGACY_VERSIONS.find((version) => version === requested) ?? LATEST_LEGACY_VERSION;
}

/** Methods of the 2025 era alone (spec 2026-07-28: changelog). */
export const ONLY_LEGACY: ReadonlySet<string> = new Set([
  'initialize',
  'ping',
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
]);
