/** One server of `mcp.config.json` after variables were replaced and foreign keys translated; what the registry takes. */
export type ServerDefinition = StdioDefinition | RemoteDefinition | InvalidDefinition;

interface CommonDefinition {
  /** The key under `mcpServers`, or its `alias`. */
  readonly name: string;
  readonly disabled: boolean;
  /** `on-use`: connected when its entries are unknown or first called; `at-start`: connected as the host opens. */
  readonly start: 'on-use' | 'at-start';
  /** Whether the server's annotations (read-only, idempotent) are believed. */
  readonly trust: 'annotations' | 'none';
  /** Whether all clients of the gateway share one connection, as by default, or each of their sessions has its own. */
  readonly isolation?: 'shared' | 'session';
  readonly timeoutMs: number;
  /** Globs over the server's own tool names. A tool must match `allow` (when given) and not match `deny`. */
  readonly tools: { readonly allow?: readonly string[]; readonly deny?: readonly string[] };
  /**
   * What becomes of a call whose outcome is unknown and that is not safe to repeat; by globs over the server's own tool
   * names, of which the first that fits decides.
   */
  readonly uncertain?: UncertainPolicy | Readonly<Record<string, UncertainPolicy>>;
  /** Globs over the server's own tool names: those take an idempotency key under this key of `_meta`. */
  readonly idempotencyKeys?: Readonly<Record<string, string>>;
}

/** ask: a person decides whether it is sent again; report: the model is told; retry: it is sent again. */
export type UncertainPolicy = (typeof UNCERTAIN_POLICIES)[number];
export const UNCERTAIN_POLICIES = ['ask', 'report', 'retry'] as const;

export interface StdioDefinition extends CommonDefinition {
  readonly type: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the safe list of inherited variables. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly builtin?: BuiltinName;
}

export interface RemoteDefinition extends CommonDefinition {
  /** `http`: streamable HTTP, falling back to legacy SSE where the server answers 404 or 405 to it; `sse`: legacy SSE only. */
  readonly type: 'http' | 'sse';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What the config says about logging in to it. */
  readonly oauth?: OAuthSettings;
}

export interface OAuthSettings {
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** An https URL of a document that describes the client (spec: basic/authorization, client ID metadata documents). */
  readonly clientMetadataUrl?: string;
  readonly scopes?: readonly string[];
  readonly redirectPort?: number;
}

/** A fault inside one entry fails that server alone. */
export interface InvalidDefinition extends CommonDefinition {
  readonly type: 'invalid';
  readonly reason: string;
}

export const BUILTIN_NAMES = ['retrieval', 'memory', 'filesystem', 'web'] as const;
export type BuiltinName = (typeof BUILTIN_NAMES)[number];
