/** Tells memory the conversations as the host does after each run: the workflow that remembers, with facts found by rules. */
import { createEngine } from '../../src/host/engine/local-engine.ts';
import { MemoryJournals } from '../../src/host/engine/memory.ts';
import { rememberWorkflow } from '../../src/host/memory/remember.ts';
import type { JsonObject } from '../../src/json.ts';
import type { Conversations, Session } from './generate.ts';
import type { RunningMemory } from './running-memory.ts';

/** Gives what memory holds as facts in the end. */
export async function tellByRules(
  memory: RunningMemory,
  { sessions }: Conversations,
): Promise<readonly string[]> {
  await using engine = createEngine({
    journals: new MemoryJournals(),
    model: () => {
      throw new Error('Rules ask no model.');
    },
    tools: {
      list: () => Promise.reject(new Error('The workflow that remembers asks for no list.')),
      keep: () => Promise.reject(new Error('The workflow that remembers stores no results.')),
      call: async (context, { callId, name, arguments: args = {} }) => {
        const result = await context.step('call', async () => ({
          structuredContent: (await memory.call(name, args)) as JsonObject,
        }));
        return { callId, name, outcome: 'complete', isError: false, content: [], result };
      },
    },
  });
  const workflow = rememberWorkflow({
    memory: { configured: true, started: true, tool: (name) => name, ready: () => Promise.resolve() },
    keepOperations: () => Promise.resolve(),
  });
  for (const session of sessions) {
    for (const exchange of exchangesOf(session)) {
      const { result } = engine.start(workflow, { exchange, extract: 'rules' });
      const outcome = await result;
      if (outcome.type !== 'done') throw new Error(`Not remembered: ${JSON.stringify(outcome)}`);
    }
    // In life there is a day between two sessions.
    await memory.settled();
  }
  return memory.facts();
}

function exchangesOf({ id, turns }: Session) {
  return turns.flatMap((turn, index) => {
    const answer = turns[index + 1];
    if (turn.role !== 'user' || answer === undefined) return [];
    const times = { requestedAt: turn.at, answeredAt: answer.at };
    return [{ runId: `${id}-${index}`, sessionId: id, request: turn.text, answer: answer.text, ...times }];
  });
}
