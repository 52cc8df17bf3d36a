/** Puts the questions of a run to the person at hand, and gives the run what they answer. */
import type { Json, JsonObject } from '../../json.ts';
import { messageOf } from '../../errors.ts';
import type { InputRequest, LogSink } from '../../registry/contract.ts';
import type { RunHandle } from '../engine/engine.ts';
import type { AskedQuestion } from './question.ts';

/** A server's question, or one of a workflow of ours: then `workflow` says of which. */
export type PersonRequest = InputRequest & { readonly workflow?: string };

export interface AttendOptions {
  /** Resolves to an `ElicitResult` (spec: client/elicitation). */
  readonly elicit: (request: PersonRequest) => Promise<JsonObject>;
  readonly signal: (runId: string, name: string, value: Json) => Promise<void>;
  readonly log: LogSink;
}

/** Never rejects. A question that is answered elsewhere is taken back from the person. */
export async function attendQuestions(handle: RunHandle, options: AttendOptions): Promise<void> {
  const open = new Map<string, AbortController>();
  const close = (signal: string): void => {
    open.get(signal)?.abort();
    open.delete(signal);
  };
  try {
    for await (const event of handle.storedEvents()) {
      if (event.type === 'question-answered') close(event.signal);
      if (event.type !== 'question') continue;
      close(event.signal);
      const ended = new AbortController();
      open.set(event.signal, ended);
      // Of a run that goes on, the answer may be among the events that are there already.
      setImmediate(() => {
        if (!ended.signal.aborted) void ask(handle, event, { ...options, ended: ended.signal });
      });
    }
  } catch (error) {
    options.log(failure(handle.id, error));
  } finally {
    for (const signal of open.keys()) close(signal);
  }
}

async function ask(
  { id, run }: RunHandle,
  { message, schema, signal: name }: AskedQuestion,
  { elicit, signal, log, ended }: AttendOptions & { readonly ended: AbortSignal },
): Promise<void> {
  try {
    const params = { mode: 'form', message, requestedSchema: schema };
    const { workflow } = run;
    const answer = await elicit({
      server: workflow,
      workflow,
      method: 'elicitation/create',
      params,
      signal: ended,
    });
    if (ended.aborted) return;
    // Whoever closes the form at the terminal of the run has said no to it.
    await signal(id, name, answer['action'] === 'accept' ? answer : { action: 'decline' });
  } catch (error) {
    if (!ended.aborted) log(failure(id, error));
  }
}

function failure(run: string, error: unknown): Parameters<LogSink>[0] {
  const fields = { reason: messageOf(error) };
  return { level: 'warn', component: 'person', event: 'question-not-asked', run, fields };
}
