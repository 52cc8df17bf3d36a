import type { LogSink } from './contract.ts';

/** Counts what a server prints that is no protocol message: logged at the first of each kind, and as a sum at the end. */
export class StdoutNoise {
  readonly #server: string;
  readonly #log: LogSink;
  readonly #counts = new Map<string, number>();

  constructor(server: string, log: LogSink) {
    this.#server = server;
    this.#log = log;
  }

  /** `detail` must not quote the server's output, which may hold anything. */
  report(kind: string, detail: string): void {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    if (count > 1) return;
    this.#entry('server-noise', { kind, detail });
  }

  summary(): void {
    for (const [kind, count] of this.#counts) if (count > 1) this.#entry('server-noise-sum', { kind, count });
    this.#counts.clear();
  }

  #entry(event: string, fields: { readonly [key: string]: string | number }): void {
    this.#log({ level: 'warn', component: 'registry', event, server: this.#server, fields });
  }
}
