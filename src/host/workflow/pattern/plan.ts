/** What an orchestrator means to do, and whether that can be done. */
import type { JsonObject } from '../../../json.ts';
import type { PlannedTask } from '../../event-of-workflow.ts';

export interface PlanLimits {
  readonly workers: readonly string[];
  readonly maxTasks: number;
}

export interface CheckedPlan {
  /** Those that can be done, each after what it depends on. */
  readonly tasks: readonly PlannedTask[];
  /** Why the others cannot; empty where all can. */
  readonly problems: readonly string[];
}

/** `done`: ids of tasks of earlier plans, which a task may depend on. */
export function checkPlan(
  planned: readonly PlannedTask[],
  { workers, maxTasks }: PlanLimits,
  done: ReadonlySet<string>,
): CheckedPlan {
  const problems: string[] = [];
  const byId = new Map<string, PlannedTask>();
  for (const task of planned) {
    if (!/^[\w.-]{1,64}$/.test(task.id))
      problems.push(`"${task.id}" is no id of a task: letters, digits, "_", "-" and ".", 64 at most.`);
    else if (byId.has(task.id) || done.has(task.id))
      problems.push(`There is more than one task "${task.id}".`);
    else if (!workers.includes(task.worker))
      problems.push(`Task "${task.id}" is for "${task.worker}"; there are ${workers.join(', ')}.`);
    else byId.set(task.id, task);
  }
  const ordered: PlannedTask[] = [];
  const placed = new Set(done);
  for (let waiting = [...byId.values()]; waiting.length > 0; ) {
    const ready = waiting.filter(({ dependsOn }) => dependsOn.every((id) => placed.has(id)));
    if (ready.length === 0) {
      problems.push(...waiting.map((task) => stuckText(task, byId, placed)));
      break;
    }
    for (const task of ready) {
      ordered.push(task);
      placed.add(task.id);
    }
    waiting = waiting.filter((task) => !placed.has(task.id));
  }
  if (ordered.length > maxTasks)
    problems.push(
      `The plan has ${ordered.length} tasks and may have ${maxTasks}; those after them are left out.`,
    );
  return { tasks: ordered.slice(0, maxTasks), problems };
}

function stuckText(
  { id, dependsOn }: PlannedTask,
  byId: ReadonlyMap<string, PlannedTask>,
  placed: ReadonlySet<string>,
): string {
  const missing = dependsOn.filter((needed) => !byId.has(needed) && !placed.has(needed));
  return missing.length > 0
    ? `Task "${id}" depends on ${missing.join(', ')}, which cannot be done.`
    : `Task "${id}" depends on tasks that depend on it.`;
}

export function planSchema({ workers, maxTasks }: PlanLimits): JsonObject {
  return {
    type: 'object',
    properties: {
      tasks: {
        type: 'array',
        description: `At most ${maxTasks}.`,
        items: {
          type: 'object',
          properties: {
            id: { type: 'string', description: 'A short name of its own.' },
            worker: { type: 'string', description: `One of ${workers.join(', ')}.` },
            request: { type: 'string', description: 'All that the worker has to know.' },
            dependsOn: {
              type: 'array',
              items: { type: 'string' },
              description: 'Ids of tasks whose results the worker is given.',
            },
          },
          required: ['id', 'worker', 'request', 'dependsOn'],
          additionalProperties: false,
        },
      },
    },
    required: ['tasks'],
    additionalProperties: false,
  };
}
