/** From what was kept of a session to what a model can be given. */
import type {
  AssistantMessage,
  ModelMessage,
  ToolCallPart,
  ToolMessage,
  ToolResultPart,
} from '../model/model.ts';
import type { SessionRun } from './contract.ts';

/** Both wires refuse a call without its result, so one that a run left open is given one that says so. */
export function historyOf(
  runs: readonly SessionRun[],
  /** What stands for everything before; the first of the runs may have begun in it. */
  view: readonly ModelMessage[] = [],
): readonly ModelMessage[] {
  const history = [...view];
  for (const run of runs) {
    history.push(...closeCalls(run.messages.map(({ message }) => message)));
    const last = history.at(-1);
    if (last !== undefined && last.role !== 'assistant') history.push(interrupted(run));
  }
  return history;
}

function interrupted({ outcome }: SessionRun): AssistantMessage {
  const how = {
    done: 'ended',
    failed: 'failed',
    stopped: 'was stopped by a limit',
    cancelled: 'was cancelled',
  };
  const what = outcome === undefined ? 'was cut off' : how[outcome];
  return { role: 'assistant', content: [{ type: 'text', text: `[The answer ${what} here.]` }] };
}

function closeCalls(messages: readonly ModelMessage[]): ModelMessage[] {
  return messages.flatMap((message, index): ModelMessage[] => {
    const before = messages[index - 1];
    // A result whose call was lost cannot be sent either.
    if (message.role === 'tool')
      return before?.role === 'assistant' && hasCalls(before) ? [withOpenCalls(before, message.results)] : [];
    const after = messages[index + 1];
    if (message.role !== 'assistant' || after?.role === 'tool' || !hasCalls(message)) return [message];
    return [message, withOpenCalls(message, [])];
  });
}

function hasCalls(message: AssistantMessage): boolean {
  return message.content.some((part) => part.type === 'tool-call');
}

/** A result for each call, in the order of the calls; ids may come twice where a provider gave none. */
function withOpenCalls(calling: AssistantMessage, results: readonly ToolResultPart[]): ToolMessage {
  const left = [...results];
  const calls = calling.content.filter((part) => part.type === 'tool-call');
  return {
    role: 'tool',
    results: calls.map((call) => {
      const place = left.findIndex(({ callId }) => callId === call.callId);
      return place < 0 ? openResult(call) : (left.splice(place, 1)[0] ?? openResult(call));
    }),
  };
}

function openResult({ callId, name }: ToolCallPart): ToolResultPart {
  const text =
    'The run ended before an answer to this call was recorded. Check what happened before you repeat it.';
  return { callId, name, isError: true, content: [{ type: 'text', text, byHost: true }] };
}
