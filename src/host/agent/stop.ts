import type { RunContext } from '../context.ts';
import { limitReached } from '../engine/limit.ts';
import type { ToolCallPart, ToolMessage } from '../model/model.ts';

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

/** Throws HostError `limit-reached` where the same calls were asked for more often than they may be. */
export function stopRepeating({ budget }: Pick<RunContext, 'budget'>, count: number): void {
  const { maxRepeats } = budget.limits;
  if (maxRepeats === undefined || count <= maxRepeats) return;
  throw limitReached({
    limit: 'repeats',
    message: `The model asked for the same call ${count} times in a row; it is going round in circles.`,
    maximum: maxRepeats,
  });
}

/** Before the run is stopped for it, the model is told, behind the last of the results. */
export function warnOfRepeating(
  context: Pick<RunContext, 'budget' | 'emit'>,
  count: number,
  message: ToolMessage,
): ToolMessage {
  const last = message.results.at(-1);
  if (count < 2 || count !== context.budget.limits.maxRepeats || last === undefined) return message;
  const times = `${count} times in a row`;
  context.emit({
    type: 'notice',
    level: 'warn',
    code: 'repeats',
    message: `The model asked for the same call ${times}. It is told so; once more stops the run.`,
  });
  const text = `You have asked for exactly this ${times}. Asking for it once more ends the run: use what you have, ask for something else, or answer.`;
  const told = { ...last, content: [...last.content, { type: 'text', text, byHost: true } as const] };
  return { ...message, results: [...message.results.slice(0, -1), told] };
}
