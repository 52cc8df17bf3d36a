/** The `requestState` that a modern client sends back (spec: basic/patterns/mrtr): signed, of one owner, for a while. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export class RequestStates {
  /** What is parked lives in this process, and so does its key. */
  readonly #key = randomBytes(32);

  /** `owner`: who may send it back, and with which request. */
  sign(id: string, expiresMs: number, owner: string): string {
    const payload = `${id}.${expiresMs.toString(36)}`;
    return `${payload}.${this.#mac(payload, owner).toString('base64url')}`;
  }

  /** The id that was signed; undefined where it is forged, another's, or expired. */
  verify(state: string, owner: string, nowMs: number): string | undefined {
    const [id = '', expires = '', mac = ''] = state.split('.');
    const expected = this.#mac(`${id}.${expires}`, owner);
    const given = Buffer.from(mac, 'base64url');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    return Number.parseInt(expires, 36) > nowMs ? id : undefined;
  }

  #mac(payload: string, owner: string): Buffer {
    return createHmac('sha256', this.#key).update(payload).update('\0').update(owner).digest();
  }
}
