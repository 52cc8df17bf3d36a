/** What a login is given and what it gives. */
export interface LoginOptions {
  /** The page at which the person says yes. */
  readonly onAuthorizationUrl: (url: string) => void | Promise<void>;
  /** What a person pastes who has the browser elsewhere: the address that it was sent to afterwards. */
  readonly pasted?: AsyncIterable<string>;
  /** What was wrong with something pasted. */
  readonly onNote?: (text: string) => void;
  /** 5 minutes by default. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface LoginResult {
  readonly server: string;
  /** The authorization server that the tokens are of. */
  readonly issuer: string;
  /** Empty where the authorization server does not say. */
  readonly scopes: readonly string[];
  /** When the access ends or is renewed; undefined where that is not said. */
  readonly expiresAtMs?: number;
  /** Whether it is renewed without a person. */
  readonly renewable: boolean;
}

export interface LogoutResult {
  readonly server: string;
  readonly wasLoggedIn: boolean;
  /** What became of the tokens at the authorization server. */
  readonly revocation: 'done' | 'not-offered' | 'failed' | 'none';
}
