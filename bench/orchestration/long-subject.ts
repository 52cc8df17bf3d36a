/** What the turns of a conversation take, from its first to its last. */

/** Of one conversation, by its turns. */
export interface Turns {
  readonly ms: readonly number[];
  readonly processorMs: readonly number[];
}

/** Takes the time from one mark to the next. */
export class TurnClock {
  readonly #ms: number[] = [];
  readonly #processorMs: number[] = [];
  #at = performance.now();
  #processor = process.cpuUsage();

  mark(): void {
    const now = performance.now();
    const { user, system } = process.cpuUsage(this.#processor);
    this.#ms.push(now - this.#at);
    this.#processorMs.push((user + system) / 1_000);
    this.#processor = process.cpuUsage();
    this.#at = performance.now();
  }

  get turns(): Turns {
    return { ms: this.#ms, processorMs: this.#processorMs };
  }
}

/** One conversation as a warm-up, then so many; prints their turns as one line. */
export async function repeat(times: number, converse: () => Promise<Turns>): Promise<void> {
  await converse();
  const conversations: Turns[] = [];
  for (let time = 0; time < times; time += 1) conversations.push(await converse());
  process.stdout.write(`${JSON.stringify(conversations)}\n`);
}
