/** A model that takes its time: so many turns, each streamed word by word, with an order in each but the last. */
import type { ModelServerOptions } from '../../test/fixtures/model/model-server.ts';

const TURNS = 10;
/** With each a frame of the provider's wire; calls and beginnings and ends are frames as well. */
const WORDS_A_TURN = 32;
const FRAMES_A_TURN = 40;

export const ORDERS: readonly string[] = Array.from({ length: TURNS - 1 }, (_, turn) => `thing ${turn + 1}`);
export const ANSWER_START = `All ${ORDERS.length} things are ordered`;

/** All of its answers together take `runMs` at least. */
export function slowModel(runMs: number): ModelServerOptions['script'] {
  const delayMs = runMs / TURNS / FRAMES_A_TURN;
  return ({ toolResults }) => {
    const thing = ORDERS[toolResults.length];
    return {
      type: 'answer',
      text: `${thing === undefined ? ANSWER_START : 'I order'} ${'and wait '.repeat((WORDS_A_TURN - 2) / 2)}`,
      ...(thing === undefined ? {} : { toolCalls: [{ name: 'tools__order', arguments: { thing } }] }),
      delayMs,
    };
  };
}
