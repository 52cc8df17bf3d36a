/** From what was kept of a session to what a model can be given. */
import type { AssistantMessage, ModelMessage, ToolMessage } from '../model/model.ts';
import type { SessionRun } from './contract.ts';

/** Both wires refuse a call without its result, so one that a run left open is given one that says so. */
export function historyOf(runs: readonly SessionRun[]): readonly ModelMessage[] {
  return runs.flatMap((run) => {
    const said = closeCalls(run.messages.map(({ message }) => message));
    const last = said.at(-1);
    if (last === undefined || (run.outcome === 'done' && last.role === 'assistant')) return said;
    return last.role === 'assistant' ? said : [...said, interrupted(run)];
  });
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
  const closed: ModelMessage[] = [];
  messages.forEach((message, index) => {
    // A result whose call was lost cannot be sent either.
    if (message.role === 'tool' && messages[index - 1]?.role !== 'assistant') return;
    closed.push(message);
    if (message.role === 'assistant' && messages[index + 1]?.role !== 'tool') {
      const results = openResults(message);
      if (results.length > 0) closed.push({ role: 'tool', results });
    }
  });
  return closed;
}

function openResults(message: AssistantMessage): ToolMessage['results'] {
  return message.content.flatMap((part) => {
    if (part.type !== 'tool-call') return [];
    const text =
      'The run ended before an answer to this call was recorded. Check what happened before you repeat it.';
    const { callId, name } = part;
    return [{ callId, name, isError: true, content: [{ type: 'text' as const, text }] }];
  });
}
