/** Workflows of the config as workflows. Names, circles and patterns were checked as the config was read. */
import type { Scripts } from '../../config/script-files.ts';
import type {
  AgentConfig,
  GateConfig,
  MemberConfig,
  OrchestrateConfig,
  RouteConfig,
  WorkflowConfig,
  WorkflowStep,
} from '../../config/workflow-config.ts';
import { kindOf } from '../../config/workflow-steps.ts';
import { HostError } from '../../errors.ts';
import { isJsonObject, type Json } from '../../json.ts';
import type { BudgetLimits } from '../context.ts';
import { waitOf } from './configured-wait.ts';
import { agent, type AgentSpec } from './pattern/agent.ts';
import type { AgentTool } from './pattern/agent-tool.ts';
import { chain, gate } from './pattern/chain.ts';
import { handoff } from './pattern/handoff.ts';
import { orchestrate } from './pattern/orchestrate.ts';
import { asText } from './pattern/output-schema.ts';
import { first, map, parallel, vote } from './pattern/parallel.ts';
import { type Part, part, type PartNaming } from './pattern/part.ts';
import { type Judgement, refine, type RefineTask } from './pattern/refine.ts';
import { byModel, route, type RouteChoice, type Router } from './pattern/route.ts';
import { bySimilarity } from './pattern/similarity.ts';
import type { WorkflowDefinition } from './registered.ts';
import { revisionOf } from './revision.ts';
import { script } from './script/script.ts';

type AnyPart = Part<Json, Json>;
type Written = Readonly<Record<string, WorkflowConfig>>;

export function configuredWorkflows(
  written: Written,
  scripts: Scripts = {},
): Readonly<Record<string, WorkflowDefinition>> {
  const build = builder(written, scripts);
  return Object.fromEntries(
    Object.entries(written).map(([name, workflow]) => {
      const { description } = workflow;
      const run = build(workflow);
      const revision = revisionOf(name, written, scripts);
      return [name, { run, revision, ...(description === undefined ? {} : { description }) }];
    }),
  );
}

type Build = (step: WorkflowStep) => AnyPart;

function builder(written: Written, scripts: Scripts): Build {
  const build: Build = (step) => {
    const workflow = typeof step === 'string' ? written[step] : step;
    if (workflow === undefined)
      throw new HostError('unknown-workflow', `There is no workflow ${JSON.stringify(step)}.`);
    const label = workflow.name ?? (typeof step === 'string' ? step : undefined);
    const { script: path } = workflow;
    const made = path === undefined ? ofKind(workflow, build) : script(path, scripts[path]);
    return relabelled(made, { label, budget: limitsOf(workflow) });
  };
  return build;
}

/** Of the part; those over several runs count where it is started by its name. */
function limitsOf({ budget }: WorkflowConfig): BudgetLimits | undefined {
  if (budget === undefined) return undefined;
  const { perDay: _, ...limits } = budget;
  return limits;
}

function relabelled(made: Part<never, Json>, naming: PartNaming): AnyPart {
  return part(made.kind ?? 'workflow', naming, made as AnyPart);
}

function ofKind(workflow: WorkflowConfig, build: Build): Part<never, Json> {
  const kind = kindOf(workflow);
  const { chain: steps, parallel: sections, map: over, first: race, vote: voters } = workflow;
  if (steps !== undefined) return chain(steps.map(build));
  if (sections !== undefined) return parallel(builtRecord(sections.parts, build), lanesOf(sections));
  if (over !== undefined)
    return over.onFailure === 'collect'
      ? map(build(over.each), { ...lanesOf(over), onFailure: 'collect' })
      : map(build(over.each), lanesOf(over));
  if (race !== undefined) {
    const quorum = race.quorum === undefined ? {} : { quorum: race.quorum };
    return first(race.parts.map(build), { ...lanesOf(race), ...quorum });
  }
  if (voters !== undefined) {
    const { by } = voters;
    const voteOf = (output: Json): Json => (isJsonObject(output) ? output[by ?? ''] : undefined) ?? null;
    return vote(voters.parts.map(build), {
      ...lanesOf(voters),
      ...(by === undefined ? {} : { vote: voteOf }),
    });
  }
  const { agent: one, gate: barrier, route: fork, refine: made, handoff: desk, team: group } = workflow;
  if (one !== undefined) return agentOf(one, build);
  if (barrier !== undefined) return gateOf(barrier);
  if (fork !== undefined) return routeOf(fork, build);
  if (made !== undefined) return refineOf(made, build);
  if (desk !== undefined) {
    const { start, agents, maxHandoffs } = desk;
    const specs = Object.entries(agents).map(([name, { description, handoffs, ...spec }]) => [
      name,
      { ...specOf(spec, build), description, ...(handoffs === undefined ? {} : { handoffs }) },
    ]);
    return handoff(Object.fromEntries(specs), {
      start,
      ...(maxHandoffs === undefined ? {} : { maxHandoffs }),
    });
  }
  if (group !== undefined) {
    const { supervisor, members } = group;
    return agentOf({ ...supervisor, agents: { ...supervisor.agents, ...members } }, build);
  }
  if (workflow.orchestrate !== undefined) return orchestrateOf(workflow.orchestrate, build);
  const wait = waitOf(workflow);
  if (wait !== undefined) return wait;
  throw new HostError('internal', `A workflow of the kind "${kind}" cannot be built.`);
}

function agentOf(config: AgentConfig, build: Build): Part<Json, Json> {
  const { output, until } = config;
  const spec = specOf(config, build);
  if (output === undefined) return agent(until === undefined ? spec : { ...spec, until });
  return agent<Json>({ ...spec, output });
}

function specOf({ instructions, model, tools, agents }: AgentConfig, build: Build): AgentSpec {
  return {
    ...(instructions === undefined ? {} : { instructions }),
    ...(model === undefined ? {} : { model }),
    ...(tools === undefined ? {} : { tools }),
    ...(agents === undefined ? {} : { agents: membersOf(agents, build) }),
  };
}

function membersOf(
  members: Readonly<Record<string, MemberConfig>>,
  build: Build,
): Readonly<Record<string, AgentTool>> {
  return Object.fromEntries(
    Object.entries(members).map(([name, { description, workflow }]) => [
      name,
      { description, workflow: build(workflow) },
    ]),
  );
}

function gateOf({ matches, lacks }: GateConfig): Part<Json, Json> {
  return gate<Json>('gate', async (value) => {
    const text = asText(value);
    if (matches !== undefined && !(await finds(matches, text))) return `It does not match ${matches}.`;
    return lacks !== undefined && (await finds(lacks, text)) ? `It matches ${lacks}.` : true;
  });
}

function routeOf(config: RouteConfig, build: Build): Part<Json, Json> {
  const { routes, otherwise, minConfidence } = config;
  const built = Object.entries(routes).map(([name, { description = name, examples = [], workflow }]) => [
    name,
    { description, examples, workflow: build(workflow) },
  ]);
  return route<Json, Json>(Object.fromEntries(built), {
    by: routerOf(config),
    ...(otherwise === undefined ? {} : { otherwise }),
    ...(minConfidence === undefined ? {} : { minConfidence }),
  });
}

function routerOf({ by, unsure, routes, model, minConfidence }: RouteConfig): Router<Json> {
  const asked = (): Router<Json> => byModel(model === undefined ? {} : { model });
  switch (by) {
    case 'model':
      return asked();
    case 'rules':
      return byPatterns(routes);
    case 'similarity':
      return bySimilarity({
        ...(unsure === undefined ? {} : { unsure: asked() }),
        ...(minConfidence === undefined ? {} : { below: minConfidence }),
      });
    default:
      return by satisfies never;
  }
}

function byPatterns(routes: RouteConfig['routes']): Router<Json> {
  return {
    kind: 'rules',
    choose: (context, input) =>
      context.step('rules', async (): Promise<RouteChoice> => {
        const text = asText(input);
        for (const [name, { match }] of Object.entries(routes))
          if (match !== undefined && (await finds(match, text)))
            return { route: name, confidence: 1, reason: `It matches ${match}.` };
        return { confidence: 0, reason: 'It matches no pattern of a route.' };
      }),
  };
}

async function finds(pattern: string, text: string): Promise<boolean> {
  const { RE2JS } = await import('re2js');
  return RE2JS.compile(pattern).matcher(text).find();
}

function refineOf(
  { make, rubric, model, maxRounds }: NonNullable<WorkflowConfig['refine']>,
  build: Build,
): Part<Json, Json> {
  const judge = agent<Judgement>({
    name: 'judge',
    tools: [],
    ...(model === undefined ? {} : { model }),
    instructions: `You judge a draft, and do not write one. A good one is like this:\n${rubric}`,
    output: {
      type: 'object',
      properties: {
        accepted: { type: 'boolean', description: 'Whether it is good enough as it is.' },
        feedback: { type: 'string', description: 'What to change; what is good, where it is accepted.' },
      },
      required: ['accepted', 'feedback'],
      additionalProperties: false,
    },
  });
  return refine<Json, Json>(build(make) as Part<RefineTask<Json, Json>, Json>, judge, {
    ...(maxRounds === undefined ? {} : { maxRounds }),
  });
}

function orchestrateOf(config: OrchestrateConfig, build: Build): Part<Json, Json> {
  const { workers, ...rest } = config;
  return orchestrate({ ...rest, workers: membersOf(workers, build) });
}

function builtRecord(
  steps: Readonly<Record<string, WorkflowStep>>,
  build: Build,
): Readonly<Record<string, AnyPart>> {
  return Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, build(step)]));
}

function lanesOf({ concurrency }: { readonly concurrency?: number }): { readonly concurrency?: number } {
  return concurrency === undefined ? {} : { concurrency };
}
