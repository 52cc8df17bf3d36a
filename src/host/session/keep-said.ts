import { messageOf } from '../../errors.ts';
import type { RunContext } from '../context.ts';
import type { ModelMessage } from '../model/model.ts';
import type { SessionLog } from './contract.ts';

/**
 * Keeps what a run says in its session, message by message. One that cannot be kept does not stop the run: a notice says so
 * once. A run without a session keeps nothing.
 */
export function keeperOf(
  context: RunContext,
  sessions: Pick<SessionLog, 'keep'>,
): (message: ModelMessage) => Promise<void> {
  const { id: runId, sessionId, replay } = context.run;
  if (sessionId === undefined) return () => Promise.resolve();
  let position = 0;
  let failed = false;
  return async (message) => {
    const place = { sessionId, runId, position };
    position += 1;
    if (replay) return;
    try {
      await sessions.keep(place, message);
    } catch (error) {
      if (failed) return;
      failed = true;
      const text = `This conversation is not kept: ${messageOf(error)}`;
      context.emit({ type: 'notice', level: 'warn', code: 'session-not-kept', message: text });
    }
  };
}
