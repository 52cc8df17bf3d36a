/** Agents that pass one conversation on, and a supervisor that gives work to a team. */
import { HostError } from '../../../errors.ts';
import { type Json, jsonText } from '../../../json.ts';
import type { LocalTool } from '../../agent/local-tool.ts';
import { runLoop } from '../../agent/loop.ts';
import { limitReached } from '../../engine/limit.ts';
import type { ModelMessage } from '../../model/model.ts';
import { agent, type AgentSpec, loopOptions, type OutputSchema } from './agent.ts';
import type { AgentTool } from './agent-tool.ts';
import { type Part, part, runPart } from './part.ts';

export interface HandoffAgent extends Omit<AgentSpec, 'name' | 'until'> {
  /** For the others: what belongs to it. */
  readonly description: string;
  /** To whom it may hand over; to every other where it is left out. */
  readonly handoffs?: readonly string[];
}

export interface HandoffOptions {
  readonly name?: string;
  /** Who begins. */
  readonly start: string;
  /** More end the run: they are going round in circles. 10 by default. */
  readonly maxHandoffs?: number;
}

export type HandoffOutput = {
  readonly text: string;
  /** Who answered. */
  readonly agent: string;
  readonly handoffs: readonly { readonly from: string; readonly to: string; readonly reason: string }[];
};

/** Rejects with `limit-reached` (repeats) where they hand over and over, and with the HostErrors of the loop. */
export function handoff(
  agents: Readonly<Record<string, HandoffAgent>>,
  { name: label, start, maxHandoffs = 10 }: HandoffOptions,
): Part<Json, HandoffOutput> {
  const names = Object.keys(agents);
  for (const named of [start, ...Object.values(agents).flatMap(({ handoffs = [] }) => handoffs)])
    if (!names.includes(named))
      throw new HostError('usage', `There is no agent "${named}". There are ${names.join(', ')}.`);
  return part('handoff', { label }, async (context, input) => {
    const handoffs: { readonly from: string; readonly to: string; readonly reason: string }[] = [];
    let current = start;
    let messages: readonly ModelMessage[] | undefined;
    for (;;) {
      const spec = agents[current];
      if (spec === undefined) throw new HostError('internal', `There is no agent "${current}".`);
      const turn = part<Json, Turn>('agent', { label: current, budget: spec.budget }, async (branch) => {
        const options = loopOptions(spec, input, transfers(agents, current));
        const before = messages ?? options.messages;
        const { text, end, messages: added } = await runLoop(branch, { ...options, messages: before });
        // Not of what it gives: that is told and kept, and would hold the conversation once more with each turn.
        messages = [...before, ...added];
        return end === undefined ? { text } : { transfer: end.value as Transfer };
      });
      const taken: Turn = await runPart(context, handoffs.length + 1, turn, input);
      if (taken.transfer === undefined) return { text: taken.text, agent: current, handoffs };
      const { to, reason } = taken.transfer;
      context.emit({ type: 'handoff', from: current, to, reason });
      handoffs.push({ from: current, to, reason });
      if (handoffs.length > maxHandoffs)
        throw limitReached({
          limit: 'repeats',
          message: `The agents handed over ${handoffs.length} times, last from ${current} to ${to}; they are going round in circles.`,
          maximum: maxHandoffs,
        });
      current = to;
    }
  });
}

type Transfer = { readonly to: string; readonly reason: string };
type Turn =
  | { readonly text: string; readonly transfer?: never }
  | { readonly transfer: Transfer; readonly text?: never };

function transfers(agents: Readonly<Record<string, HandoffAgent>>, from: string): LocalTool[] {
  const names = agents[from]?.handoffs ?? Object.keys(agents).filter((name) => name !== from);
  return names.map((to) => ({
    definition: {
      name: `transfer_to_${to}`,
      description: `Hands the conversation over to ${to}, who answers from then on: ${agents[to]?.description ?? ''}`,
      inputSchema: {
        type: 'object',
        properties: { reason: { type: 'string', description: 'Why, in one sentence.' } },
        required: ['reason'],
        additionalProperties: false,
      },
    },
    parallel: false,
    call: async (_context, args) => ({ type: 'end', value: { to, reason: jsonText(args['reason']) } }),
  }));
}

/** A supervisor that gives work to the members as tools, and answers itself. */
export function team(
  supervisor: Omit<AgentSpec, 'agents'> & { readonly output?: undefined },
  members: Readonly<Record<string, AgentTool>>,
): Part<Json, string>;
export function team<Output extends Json>(
  supervisor: Omit<AgentSpec, 'agents'> & { readonly output: OutputSchema<Output> },
  members: Readonly<Record<string, AgentTool>>,
): Part<Json, Output>;
export function team<Output extends Json>(
  {
    output,
    ...supervisor
  }: Omit<AgentSpec, 'agents'> & { readonly output?: OutputSchema<Output> | undefined },
  members: Readonly<Record<string, AgentTool>>,
): Part<Json, string | Output> {
  const spec = { ...supervisor, agents: members };
  return output === undefined ? agent(spec) : agent({ ...spec, output });
}
