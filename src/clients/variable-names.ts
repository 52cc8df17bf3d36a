/** Which variable takes the place of a secret: one secret has one name, and one name stands for one secret. */
import type { Environment } from '../config/environment.ts';
import { withServerName } from './references.ts';

export class VariableNames {
  readonly #env: Environment;
  readonly #used: ReadonlySet<string>;
  readonly #names = new Map<string, string>();

  /** `used`: names that the config refers to already; what they stand for is known where they are set. */
  constructor(env: Environment, used: ReadonlySet<string>) {
    this.#env = env;
    this.#used = used;
  }

  choose(wanted: string, server: string, secret: string): string {
    const known = this.#names.get(secret);
    if (known !== undefined) return known;
    const name = this.#free(wanted, server, secret);
    this.#names.set(secret, name);
    return name;
  }

  /** `TOKEN` of the server work is `TOKEN`, else `WORK_TOKEN`, else `WORK_TOKEN_2`. */
  #free(wanted: string, server: string, secret: string): string {
    if (this.#fits(wanted, secret)) return wanted;
    const longer = withServerName(server, wanted);
    if (this.#fits(longer, secret)) return longer;
    for (let number = 2; ; number += 1) {
      const name = `${longer}_${number}`;
      if (this.#fits(name, secret)) return name;
    }
  }

  #fits(name: string, secret: string): boolean {
    const value = this.#env[name];
    if (value !== undefined && value !== '') return value === secret && !this.#isTaken(name);
    return !this.#used.has(name) && !this.#isTaken(name);
  }

  #isTaken(name: string): boolean {
    return [...this.#names.values()].includes(name);
  }
}
