/** What `serve` of the config comes to. */
export interface ServeSettings {
  /** How long a client is kept waiting for a run. Clients give a call up after a minute. */
  readonly detachAfterMs: number;
  /** Those that clients have as tools; without it all that have a description. */
  readonly workflows?: readonly string[];
  readonly http: HttpSettings;
}

export interface HttpSettings {
  readonly host: string;
  readonly port: number;
  /** As in the `Host` header, besides loopback names. */
  readonly allowedHosts: readonly string[];
  /** As in the `Origin` header, besides loopback ones. */
  readonly allowedOrigins: readonly string[];
  readonly maxSessions: number;
  readonly idleMinutes: number;
  readonly maxBodyBytes: number;
  /** Of one client. */
  readonly requestsPerMinute: number;
}

export const DEFAULT_SERVE: ServeSettings = {
  detachAfterMs: 50_000,
  http: {
    host: '127.0.0.1',
    port: 4_711,
    allowedHosts: [],
    allowedOrigins: [],
    maxSessions: 1_000,
    idleMinutes: 30,
    maxBodyBytes: 16 * 1_024 * 1_024,
    requestsPerMinute: 60_000,
  },
};
