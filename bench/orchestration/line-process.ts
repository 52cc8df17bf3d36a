/** A process of the bench that is told lines and answers each with one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export class LineProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown>;

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(process.execPath, ['--no-warnings', ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    this.#ended = once(this.#child, 'exit');
    const { stdout } = this.#child;
    if (stdout === null) throw new Error('A child process without its output.');
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`${this.#child.spawnargs.slice(2).join(' ')} ended without a word.`);
    return value;
  }

  async ask<Answer>(order: object): Promise<Answer> {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
    return JSON.parse(await this.line()) as Answer;
  }

  /** By the end of its input. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin?.end();
    await this.#ended;
  }
}
