/** Ends what a client has open when its token is revoked or expires: a stream would go on for hours. */
import type { ServerResponse } from 'node:http';

import { InFlight } from '../../../in-flight.ts';
import type { ClientTokens } from '../../client-token/contract.ts';
import type { Authenticator } from './authenticate.ts';

const LOOK_EVERY_MS = 1_000;

export class Revocation implements Disposable {
  readonly #authenticator: Pick<Authenticator, 'isNeeded'>;
  readonly #tokens: Pick<ClientTokens, 'isGood'>;
  /** By the id of the token; undefined where none was needed. */
  readonly #open = new Map<string | undefined, InFlight<number, ServerResponse>>();
  #lastKey = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(authenticator: Pick<Authenticator, 'isNeeded'>, tokens: Pick<ClientTokens, 'isGood'>) {
    this.#authenticator = authenticator;
    this.#tokens = tokens;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  add(tokenId: string | undefined, response: ServerResponse): void {
    const ofToken = this.#open.get(tokenId) ?? new InFlight();
    const key = ++this.#lastKey;
    ofToken.set(key, response);
    this.#open.set(tokenId, ofToken);
    response.once('close', () => {
      ofToken.delete(key);
      if (ofToken.size === 0 && this.#open.get(tokenId) === ofToken) this.#open.delete(tokenId);
    });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const [tokenId, responses] of this.#open) {
      if (this.#isGood(tokenId)) continue;
      for (const response of responses.values()) response.destroy();
    }
  }

  /** What is open stays so while the tokens cannot be read; nothing else comes in. */
  #isGood(tokenId: string | undefined): boolean {
    try {
      return tokenId === undefined ? !this.#authenticator.isNeeded() : this.#tokens.isGood(tokenId);
    } catch {
      // Each request that is refused for it tells the log.
      return true;
    }
  }
}
