/** Says in a session how each of its runs ended. */
import { messageOf } from '../../errors.ts';
import { isJsonObject, type Json } from '../../json.ts';
import type { LogSink } from '../../registry/contract.ts';
import type { RunHandle } from '../engine/engine.ts';
import type { SessionLog } from './contract.ts';

export class SessionEndings {
  readonly #sessions: SessionLog;
  readonly #log: LogSink;
  readonly #open = new Map<string, Promise<void>>();

  constructor(sessions: SessionLog, log: LogSink) {
    this.#sessions = sessions;
    this.#log = log;
  }

  /** Follows a run of a session to its end. */
  follow(handle: RunHandle, sessionId: string): void {
    const ended = this.#end(handle, sessionId).finally(() => {
      if (this.#open.get(sessionId) === ended) this.#open.delete(sessionId);
    });
    this.#open.set(sessionId, ended);
  }

  /** Resolves when what ended in this session, or in any, is written. Never rejects. */
  async settled(sessionId?: string): Promise<void> {
    if (sessionId === undefined) await Promise.all(this.#open.values());
    else await this.#open.get(sessionId);
  }

  /** Never rejects: a run has ended whether or not its session can be told. */
  async #end(handle: RunHandle, sessionId: string): Promise<void> {
    const outcome = await handle.result;
    if (outcome.type === 'suspended') return;
    const model = outcome.type === 'done' ? modelOf(outcome.output) : undefined;
    try {
      await this.#sessions.end({ sessionId, runId: handle.id }, outcome.type, model);
    } catch (error) {
      this.#log({
        level: 'warn',
        component: 'session',
        event: 'session-not-kept',
        run: handle.id,
        fields: { sessionId, reason: messageOf(error) },
      });
    }
  }
}

/** Of an answer of the agent; a workflow may have asked several. */
function modelOf(output: Json): string | undefined {
  const { origin, model } = isJsonObject(output) ? output : {};
  return origin === 'model' && typeof model === 'string' ? model : undefined;
}
