/** What the schema cannot say of workflows: names that lead nowhere or in circles, and steps that do not fit. */
import type { WrittenPattern } from './check-patterns.ts';
import type { WrittenSchema } from './check-schemas.ts';
import type { JsonDocument, JsonPath } from './json-document.ts';
import { configInvalid, didYouMean, nearestName, placed, type UnplacedProblem } from './problem.ts';
import type { WorkflowConfig, WorkflowStep } from './workflow-config.ts';
import { RESERVED_WORKFLOWS, WORKFLOW_NAME } from './workflow-name.ts';
import { stepsOf } from './workflow-steps.ts';

type Workflows = Readonly<Record<string, WorkflowConfig>>;

/** Throws HostError `config-invalid`. */
export function checkWorkflows(file: string, workflows: Workflows, document: JsonDocument): void {
  const problems = [
    ...Object.keys(workflows).flatMap(nameProblems),
    ...everyWorkflow(workflows).flatMap(({ workflow, path }) => [
      ...stepsOf(workflow, path).flatMap((one) => referenceProblems(one.step, one.path, workflows)),
      ...ownNameProblems(workflow, path),
      ...unreachableProblems(workflow, path),
      ...untilProblems(workflow, path),
      ...inputProblems(workflow, path),
      ...fitProblems(workflow, path, workflows),
    ]),
    ...circleProblems(workflows),
  ];
  if (problems.length > 0)
    throw configInvalid(
      file,
      problems.map((problem) => placed(problem, document)),
    );
}

/** The patterns of gates and routes, with their places. */
export function workflowPatterns(workflows: Workflows): readonly WrittenPattern[] {
  return everyWorkflow(workflows).flatMap(({ workflow: { gate, route }, path }) => [
    ...Object.entries(gate ?? {}).map(([key, pattern]) => ({ pattern, path: [...path, 'gate', key] })),
    ...Object.entries(route?.routes ?? {}).flatMap(([name, { match }]) =>
      match === undefined ? [] : [{ pattern: match, path: [...path, 'route', 'routes', name, 'match'] }],
    ),
  ]);
}

/** The schemas of inputs and outputs, with their places. */
export function workflowSchemas(workflows: Workflows): readonly WrittenSchema[] {
  return everyWorkflow(workflows).flatMap(({ workflow: { input, agent, team }, path }) => [
    ...(input === undefined ? [] : [{ schema: input, path: [...path, 'input'] }]),
    ...(agent?.output === undefined ? [] : [{ schema: agent.output, path: [...path, 'agent', 'output'] }]),
    ...(team?.supervisor.output === undefined
      ? []
      : [{ schema: team.supervisor.output, path: [...path, 'team', 'supervisor', 'output'] }]),
  ]);
}

/** `workflows.<name>` */
const NAMED_DEPTH = 2;

export interface PlacedWorkflow {
  readonly workflow: WorkflowConfig;
  readonly path: JsonPath;
}

/** The named ones and all that are written inside of them. */
export function everyWorkflow(workflows: Workflows): readonly PlacedWorkflow[] {
  const within = (workflow: WorkflowConfig, path: JsonPath): PlacedWorkflow[] => [
    { workflow, path },
    ...stepsOf(workflow, path).flatMap(({ step, path: at }) =>
      typeof step === 'string' ? [] : within(step, at),
    ),
  ];
  return Object.entries(workflows).flatMap(([name, workflow]) => within(workflow, ['workflows', name]));
}

function nameProblems(name: string): UnplacedProblem[] {
  if (WORKFLOW_NAME.test(name) && !RESERVED_WORKFLOWS.includes(name)) return [];
  const message = `a workflow cannot be called so: a name is a letter and up to 63 letters, digits, "_" and "-", and none of ${RESERVED_WORKFLOWS.join(', ')}`;
  return [{ path: ['workflows', name], atKey: true, message, found: name }];
}

function referenceProblems(step: WorkflowStep, path: JsonPath, workflows: Workflows): UnplacedProblem[] {
  if (typeof step !== 'string' || Object.hasOwn(workflows, step)) return [];
  return [unknownName(step, path, 'workflow', Object.keys(workflows))];
}

/** A step takes what the step before it gives; only who is asked for by name is given something from outside. */
function inputProblems({ input }: WorkflowConfig, path: JsonPath): UnplacedProblem[] {
  if (input === undefined || path.length === NAMED_DEPTH) return [];
  const message = "only a workflow with a name of its own under 'workflows' has an 'input'";
  return [{ path: [...path, 'input'], atKey: true, message }];
}

/** What a tool says is in no shape but its own. */
function untilProblems({ agent, team }: WorkflowConfig, path: JsonPath): UnplacedProblem[] {
  const agents = [
    { config: agent, at: ['agent'] },
    { config: team?.supervisor, at: ['team', 'supervisor'] },
  ];
  const message = "an agent with an 'output' answers in that shape, and cannot end with what a tool says";
  return agents.flatMap(({ config, at }) =>
    config?.output === undefined || config.until === undefined
      ? []
      : [{ path: [...path, ...at, 'until'], atKey: true, message }],
  );
}

/** Names that a pattern gives to its own parts. */
function ownNameProblems({ route, handoff }: WorkflowConfig, path: JsonPath): UnplacedProblem[] {
  const problems: UnplacedProblem[] = [];
  if (route?.otherwise !== undefined && !Object.hasOwn(route.routes, route.otherwise))
    problems.push(
      unknownName(route.otherwise, [...path, 'route', 'otherwise'], 'route', Object.keys(route.routes)),
    );
  if (handoff === undefined) return problems;
  const names = Object.keys(handoff.agents);
  const named = [
    { name: handoff.start, at: ['start'] },
    ...Object.entries(handoff.agents).flatMap(([agent, { handoffs = [] }]) =>
      handoffs.map((name, index) => ({ name, at: ['agents', agent, 'handoffs', index] })),
    ),
  ];
  for (const { name, at } of named)
    if (!names.includes(name)) problems.push(unknownName(name, [...path, 'handoff', ...at], 'agent', names));
  return problems;
}

/** By rules, a route without a pattern is that of the rest, or nobody's. */
function unreachableProblems({ route }: WorkflowConfig, path: JsonPath): UnplacedProblem[] {
  if (route?.by !== 'rules') return [];
  const { routes, otherwise } = route;
  return Object.entries(routes).flatMap(([name, { match }]) =>
    match !== undefined || name === otherwise
      ? []
      : {
          path: [...path, 'route', 'routes', name],
          atKey: true,
          message: "nothing ever takes this route: give it a 'match', or name it under 'otherwise'",
        },
  );
}

function unknownName(name: string, path: JsonPath, what: string, known: readonly string[]): UnplacedProblem {
  const nearest = nearestName(name, known);
  const there = known.length === 0 ? 'There is none' : `There are ${known.join(', ')}`;
  return {
    path,
    message: `there is no ${what} '${name}'. ${there}.${didYouMean(nearest)}`,
    expected: `one of ${known.join(', ')}`,
    found: name,
    ...(nearest === undefined ? {} : { nearest }),
  };
}

/** A list is what a map works on: what is known to give none cannot stand before it. */
function fitProblems(
  { chain = [] }: WorkflowConfig,
  path: JsonPath,
  workflows: Workflows,
): UnplacedProblem[] {
  return chain.flatMap((step, index) => {
    const before = chain[index - 1];
    if (before === undefined || resolve(step, workflows)?.map === undefined) return [];
    const given = outputOf(before, workflows, new Set());
    if (given === 'list' || given === 'unknown') return [];
    const message = `a map works on a list, and the step before it gives ${given}. Give that one an 'output' of the type 'array'`;
    return [{ path: [...path, 'chain', index], message, expected: 'a list', found: given }];
  });
}

type Output = 'text' | 'an object' | 'list' | 'unknown';

function outputOf(step: WorkflowStep, workflows: Workflows, seen: ReadonlySet<string>): Output {
  if (typeof step === 'string' && seen.has(step)) return 'unknown';
  const workflow = resolve(step, workflows);
  if (workflow === undefined) return 'unknown';
  const { agent, chain, team } = workflow;
  const answering = agent ?? team?.supervisor;
  if (answering !== undefined) {
    if (answering.output === undefined) return 'text';
    const { type } = answering.output;
    return type === 'array' ? 'list' : type === 'object' ? 'an object' : 'unknown';
  }
  if (chain !== undefined) {
    const last = chain.at(-1);
    const within = typeof step === 'string' ? new Set([...seen, step]) : seen;
    return last === undefined ? 'unknown' : outputOf(last, workflows, within);
  }
  if (workflow.map !== undefined || workflow.first !== undefined) return 'list';
  if (workflow.ask !== undefined) return workflow.ask.schema === undefined ? 'text' : 'an object';
  const { parallel, vote, refine, handoff, orchestrate } = workflow;
  return [parallel, vote, refine, handoff, orchestrate].some((one) => one !== undefined)
    ? 'an object'
    : 'unknown';
}

function resolve(step: WorkflowStep, workflows: Workflows): WorkflowConfig | undefined {
  if (typeof step !== 'string') return step;
  return Object.hasOwn(workflows, step) ? workflows[step] : undefined;
}

/** Each circle is told once, where it begins. */
function circleProblems(workflows: Workflows): UnplacedProblem[] {
  const problems: UnplacedProblem[] = [];
  const done = new Set<string>();
  const visit = (name: string, way: readonly string[]): void => {
    const at = way.indexOf(name);
    if (at !== -1) {
      const circle = [...way.slice(at), name].join(' → ');
      problems.push({
        path: ['workflows', way[at] ?? name],
        atKey: true,
        message: `the workflow is a step of itself: ${circle}`,
        found: circle,
      });
      return;
    }
    const workflow = workflows[name];
    if (done.has(name) || workflow === undefined) return;
    for (const next of namesIn(workflow)) visit(next, [...way, name]);
    done.add(name);
  };
  for (const name of Object.keys(workflows)) visit(name, []);
  return problems;
}

function namesIn(workflow: WorkflowConfig): readonly string[] {
  return stepsOf(workflow, []).flatMap(({ step }) => (typeof step === 'string' ? [step] : namesIn(step)));
}
