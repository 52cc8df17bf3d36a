/** Works off a plan: what depends on nothing begins at once, the rest as soon as it can. */
import { messageOf } from '../../../errors.ts';
import type { Json } from '../../../json.ts';
import { isOwnFailure } from '../../agent/local-tool.ts';
import type { RunContext } from '../../context.ts';
import type { PlannedTask } from '../../event-of-workflow.ts';
import { asText } from './output-schema.ts';
import { type Part, runPart } from './part.ts';

export type TaskResult = PlannedTask &
  (
    | { readonly type: 'done'; readonly output: Json; readonly attempts: number }
    | { readonly type: 'failed'; readonly message: string; readonly attempts: number }
    /** Something that it depends on failed. */
    | { readonly type: 'skipped'; readonly message: string }
  );

export interface WorkOptions {
  readonly workers: Readonly<Record<string, Part<string, Json>>>;
  readonly concurrency: number;
  readonly maxAttempts: number;
  /** Of earlier plans. */
  readonly done: ReadonlyMap<string, TaskResult>;
}

/** In the plan's order. Rejects with what ends more than one task. */
export async function workPlan(
  context: RunContext,
  tasks: readonly PlannedTask[],
  { workers, concurrency, maxAttempts, done }: WorkOptions,
): Promise<readonly TaskResult[]> {
  const results = new Map<string, Promise<TaskResult>>(
    [...done].map(([id, result]) => [id, Promise.resolve(result)]),
  );
  const places = semaphore(concurrency);
  const work = async (task: PlannedTask): Promise<TaskResult> => {
    const needed = await Promise.all(task.dependsOn.flatMap((id) => results.get(id) ?? []));
    const missing = needed.find(({ type }) => type !== 'done');
    if (missing !== undefined)
      return { ...task, type: 'skipped', message: `It needs "${missing.id}", which is ${missing.type}.` };
    const worker = workers[task.worker];
    if (worker === undefined)
      return { ...task, type: 'skipped', message: `There is no worker "${task.worker}".` };
    await using _ = await places();
    for (let attempt = 1; ; attempt += 1) {
      const place = attempt === 1 ? task.id : `${task.id}-again-${attempt}`;
      try {
        const output = await runPart(context, place, worker, requestOf(task, needed));
        return { ...task, type: 'done', output, attempts: attempt };
      } catch (thrown) {
        if (!isOwnFailure(context, thrown)) throw thrown;
        if (attempt >= maxAttempts)
          return { ...task, type: 'failed', message: messageOf(thrown), attempts: attempt };
      }
    }
  };
  // In the plan's order, in which everything stands after what it depends on.
  for (const task of tasks) results.set(task.id, work(task));
  const mine = tasks.flatMap(({ id }) => results.get(id) ?? []);
  const settled = await Promise.allSettled(mine);
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

function requestOf({ request }: PlannedTask, needed: readonly TaskResult[]): string {
  const given = needed.flatMap((result) =>
    result.type === 'done' ? [`Result of "${result.id}":\n${asText(result.output)}`] : [],
  );
  return [request, ...given].join('\n\n');
}

/** Gives a place as soon as one is free; disposing of it frees it. */
function semaphore(count: number): () => Promise<AsyncDisposable> {
  let free = count;
  const waiting: (() => void)[] = [];
  return async () => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    return {
      async [Symbol.asyncDispose]() {
        const next = waiting.shift();
        if (next === undefined) free += 1;
        else next();
      },
    };
  };
}
