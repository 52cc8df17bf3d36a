/** Goes on with a run as a new host does, up to its first step that is not journaled: `resume-run.ts <folder> <run id>`. */
import { tell } from './child.ts';
import { openEngine } from './open-engine.ts';
import { longWorkflow } from './workflows.ts';

export interface Resumed {
  readonly ms: number;
  /** Of the process when it is there, and how much of it came with the resumed run. */
  readonly rssMb: number;
  readonly grownMb: number;
}

const [folder = '', runId = ''] = process.argv.slice(2);
const reached = Promise.withResolvers<void>();
await using host = openEngine(folder, [longWorkflow(reached.resolve)]);
const before = process.memoryUsage().rss;
const started = performance.now();
await host.engine.resume(runId);
await reached.promise;
const ms = performance.now() - started;
const { rss } = process.memoryUsage();
tell({ ms, rssMb: rss / 1e6, grownMb: (rss - before) / 1e6 } satisfies Resumed);
