/** What a workflow has of the session of its run: what was said before, and a place for what is said now. */
import { messageOf } from '../../errors.ts';
import type { RunContext } from '../context.ts';
import type { ModelMessage } from '../model/model.ts';
import type { SessionLog } from './contract.ts';
import { keeperOf } from './keep-said.ts';

export interface Conversation {
  readonly history: readonly ModelMessage[];
  /** Keeps the next message. A message that cannot be kept does not stop the run: a notice says so once. */
  keep(message: ModelMessage): Promise<void>;
  /** Keeps what later requests carry in place of everything said so far. */
  keepView(messages: readonly ModelMessage[]): Promise<void>;
}

/** `given` is the history of a caller that keeps the conversation itself; then nothing is read and nothing kept. */
export async function openConversation(
  context: RunContext,
  sessions: SessionLog,
  given: readonly ModelMessage[] | undefined,
): Promise<Conversation> {
  const { sessionId } = context.run;
  if (given !== undefined || sessionId === undefined)
    return { history: given ?? [], keep: () => Promise.resolve(), keepView: () => Promise.resolve() };
  let taken: readonly ModelMessage[] | undefined;
  const { revision } = await context.step('history', async () => {
    const { revision, messages } = await sessions.history(sessionId);
    taken = messages;
    return { revision };
  });
  const history = taken ?? (await sessions.historyAt(revision));
  return {
    history,
    // A step, because a run that is replayed must not put its view in the place of what was said since.
    async keepView(messages) {
      const problem = await context.step('keep-view', () =>
        sessions.keepView(sessionId, messages).then(() => null, messageOf),
      );
      if (problem === null) return;
      const text = `The next requests of this conversation will be reduced anew: ${problem}`;
      context.emit({ type: 'notice', level: 'warn', code: 'view-not-kept', message: text });
    },
    keep: keeperOf(context, sessions),
  };
}
