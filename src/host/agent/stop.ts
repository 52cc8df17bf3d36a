import type { ToolCallPart } from '../model/model.ts';

/** Notices that a model asks for exactly the same calls turn after turn. */
export class RepeatCounter {
  #last = '';
  #count = 0;

  /** How often in a row this turn's calls, names and arguments alike, were asked for; 1 for the first time. */
  count(calls: readonly ToolCallPart[]): number {
    const key = JSON.stringify(
      calls.map((call) => [call.name, call.arguments ?? call.invalidArguments ?? null]),
    );
    this.#count = key === this.#last ? this.#count + 1 : 1;
    this.#last = key;
    return this.#count;
  }
}
