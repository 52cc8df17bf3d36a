/** What clients of the gateway have as tools: names that lead nowhere, that are taken, and tools of which nothing is said. */
import type { JsonDocument } from './json-document.ts';
import { configInvalid, didYouMean, nearestName, placed, type UnplacedProblem } from './problem.ts';
import type { WorkflowConfig } from './workflow-config.ts';
import { HOST_TOOLS } from './workflow-name.ts';
import { servedShapes, workflowShapes } from './workflow-shape.ts';

type Workflows = Readonly<Record<string, WorkflowConfig>>;

/** Throws HostError `config-invalid`. */
export function checkServedWorkflows(
  file: string,
  { workflows = {}, serve }: { readonly workflows?: Workflows; readonly serve?: ServedNames },
  document: JsonDocument,
): void {
  const { workflows: named } = serve ?? {};
  const served = servedShapes(workflowShapes(workflows), named === undefined ? {} : { workflows: named });
  const problems = [
    ...(named ?? []).flatMap((name, index) => nameProblems(name, index, workflows)),
    ...served.filter(({ name }) => HOST_TOOLS.includes(name)).map(({ name }) => clash(name)),
  ];
  if (problems.length === 0) return;
  throw configInvalid(
    file,
    problems.map((problem) => placed(problem, document)),
  );
}

interface ServedNames {
  readonly workflows?: readonly string[];
}

function nameProblems(name: string, index: number, workflows: Workflows): UnplacedProblem[] {
  const path = ['serve', 'workflows', index];
  if (!Object.hasOwn(workflows, name)) {
    const known = Object.keys(workflows);
    const nearest = nearestName(name, known);
    const there = known.length === 0 ? 'There is none' : `There are ${known.join(', ')}`;
    return [
      {
        path,
        message: `there is no workflow '${name}'. ${there}.${didYouMean(nearest)}`,
        found: name,
        ...(nearest === undefined ? {} : { nearest }),
      },
    ];
  }
  if (workflows[name]?.description !== undefined) return [];
  const message = `the workflow '${name}' has no 'description', and a client's model chooses a tool by what is said of it`;
  return [{ path, message, expected: `workflows.${name}.description`, found: name }];
}

function clash(name: string): UnplacedProblem {
  return {
    path: ['workflows', name],
    atKey: true,
    message: `clients would have it as switchyard__${name}, which is a tool of the host itself. Call it something else, or leave it out of serve.workflows`,
    found: name,
  };
}
