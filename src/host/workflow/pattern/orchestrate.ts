/** A planner divides the work, workers do it, and somebody makes one answer of it; what failed is planned anew. */
import { HostError } from '../../../errors.ts';
import type { Json } from '../../../json.ts';
import type { RunContext } from '../../context.ts';
import type { PlannedTask } from '../../event-of-workflow.ts';
import { agent, type AgentSpec } from './agent.ts';
import type { AgentTool } from './agent-tool.ts';
import { asText } from './output-schema.ts';
import { type Part, part, runPart } from './part.ts';
import { checkPlan, planSchema, type PlanLimits } from './plan.ts';
import { type TaskResult, workPlan } from './work-plan.ts';

export interface OrchestrateOptions {
  readonly name?: string;
  /** Who may be given tasks. */
  readonly workers: Readonly<Record<string, AgentTool>>;
  readonly planner?: Pick<AgentSpec, 'instructions' | 'model' | 'tools'>;
  readonly synthesis?: Pick<AgentSpec, 'instructions' | 'model'>;
  /** Tasks of one plan; 20 by default. */
  readonly maxTasks?: number;
  /** Plans of one run; 3 by default. */
  readonly maxPlans?: number;
  /** How often a task is tried; 3 by default. */
  readonly maxAttempts?: number;
  /** Tasks at the same time; 8 by default. */
  readonly concurrency?: number;
}

export type OrchestrateOutput = {
  readonly text: string;
  readonly tasks: readonly TaskResult[];
  /** What of the last plan could not be done as it was planned. */
  readonly problems: readonly string[];
};

/** Rejects with HostError `nothing-achieved` where no task came to its end. */
export function orchestrate(options: OrchestrateOptions): Part<Json, OrchestrateOutput> {
  const { workers, maxTasks = 20, maxPlans = 3, maxAttempts = 3, concurrency = 8 } = options;
  const limits = { workers: Object.keys(workers), maxTasks };
  const agents = { planner: plannerOf(options, limits), synthesiser: synthesiserOf(options) };
  const parts = Object.fromEntries(Object.entries(workers).map(([name, { workflow }]) => [name, workflow]));
  return part('orchestrate', { label: options.name }, async (context, input) => {
    const results = new Map<string, TaskResult>();
    let problems: readonly string[] = [];
    for (let round = 1; round <= maxPlans; round += 1) {
      const isLast = round === maxPlans;
      const plan = await planned(context, round, agents.planner, { input, results, problems });
      const checked = checkPlan(plan, limits, doneIds(results));
      context.emit({ type: 'plan', tasks: checked.tasks, problems: checked.problems });
      problems = checked.problems;
      // A plan that cannot be done is told so before anything of it is: what can be is done in the last.
      if (problems.length > 0 && !isLast) continue;
      for (const [id, { type }] of results) if (type !== 'done') results.delete(id);
      const branch = context.branch(`${round}-work`);
      const done = await workPlan(branch, checked.tasks, {
        workers: parts,
        concurrency,
        maxAttempts,
        done: results,
      });
      for (const result of done) results.set(result.id, result);
      if (done.every(({ type }) => type === 'done')) break;
    }
    const tasks = [...results.values()];
    if (!tasks.some(({ type }) => type === 'done')) throw nothingAchieved(tasks, problems);
    const text = await runPart(context, 'synthesis', agents.synthesiser, asSynthesis(input, tasks, problems));
    return { text, tasks, problems };
  });
}

type Plan = { readonly tasks: readonly PlannedTask[] };

interface PlanFacts {
  readonly input: Json;
  readonly results: ReadonlyMap<string, TaskResult>;
  readonly problems: readonly string[];
}

async function planned(
  context: RunContext,
  round: number,
  planner: Part<Json, Plan>,
  { input, results, problems }: PlanFacts,
): Promise<readonly PlannedTask[]> {
  const { tasks } = await runPart(context, `${round}-plan`, planner, asRequest(input, results, problems));
  return tasks;
}

function plannerOf({ workers, planner = {} }: OrchestrateOptions, limits: PlanLimits): Part<Json, Plan> {
  const { instructions = '', ...rest } = planner;
  return agent<Plan>({
    tools: [],
    ...rest,
    instructions: [
      instructions,
      'You divide a request into tasks for workers. You do not work on it yourself.',
      ...Object.entries(workers).map(([name, { description }]) => `- ${name}: ${description}`),
    ]
      .filter((text) => text !== '')
      .join('\n'),
    output: planSchema(limits),
  });
}

function asRequest(
  input: Json,
  results: ReadonlyMap<string, TaskResult>,
  problems: readonly string[],
): string {
  const sections = [asText(input)];
  if (results.size > 0)
    sections.push(
      `So far:\n${[...results.values()].map(resultLine).join('\n')}\nPlan what is still to be done; tasks may depend on those that are done.`,
    );
  if (problems.length > 0) sections.push(`Your last plan cannot be done so: ${problems.join(' ')}`);
  return sections.join('\n\n');
}

function synthesiserOf({ synthesis = {} }: OrchestrateOptions): Part<Json, string> {
  const { instructions = 'You make one answer to the request of what workers found.', ...rest } = synthesis;
  return agent({ ...rest, tools: [], instructions });
}

function asSynthesis(input: Json, tasks: readonly TaskResult[], problems: readonly string[]): string {
  const found = tasks.map((task) =>
    task.type === 'done'
      ? `## ${task.id} (${task.worker})\n${asText(task.output)}`
      : `## ${task.id} (${task.worker})\nThis is missing: ${task.message}`,
  );
  const gaps = problems.length === 0 ? [] : [`Left out of the plan: ${problems.join(' ')}`];
  const note = 'Say what is missing, where something is.';
  return [`Request: ${asText(input)}`, ...found, ...gaps, note].join('\n\n');
}

function resultLine(task: TaskResult): string {
  return task.type === 'done'
    ? `- ${task.id} (${task.worker}): done`
    : `- ${task.id} (${task.worker}): ${task.type}, ${task.message}`;
}

function doneIds(results: ReadonlyMap<string, TaskResult>): ReadonlySet<string> {
  return new Set([...results.values()].filter(({ type }) => type === 'done').map(({ id }) => id));
}

function nothingAchieved(tasks: readonly TaskResult[], problems: readonly string[]): HostError {
  const why = [...problems, ...tasks.map(resultLine)].join(' ');
  return new HostError('nothing-achieved', `No task came to its end. ${why || 'The plan has none.'}`);
}
