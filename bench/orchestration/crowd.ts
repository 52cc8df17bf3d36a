/** Many runs at once in one process: memory a run. */
import { median, printTable } from '../report.ts';
import { ownScript, peerScript, type Script } from './contestants.ts';
import type { Crowd } from './crowd-subject.ts';
import { LineProcess } from './line-process.ts';
import { startModel } from './model-process.ts';

const RUNS = 1_000;
const ROUNDS = 3;

/** `withPeers`: those that are installed. */
export async function measureCrowd(withPeers: boolean): Promise<void> {
  console.log(`
${RUNS.toLocaleString('en')} runs at once in one process; each asks the model, calls a tool, and asks again. The model holds its first answers until it
was asked by all; then memory is taken, after a collection, over what it was before the first. Ours journals each run in SQLite
and calls the tool of a stdio server; the others call a function. ${ROUNDS} rounds, medians; every run has to end well.
`);
  const subjects: readonly (readonly [string, string, Script])[] = [
    ['bare, node:http', '-', ownScript('crowd-bare')],
    ['Switchyard', 'every step, SQLite', ownScript('crowd-own')],
    ['AI SDK', '-', ownScript('crowd-ai-sdk')],
    ...(withPeers
      ? ([
          ['LangGraph.js, kept', 'checkpoints, SQLite', peerScript('crowd-langgraph')],
          ['Mastra, kept', 'snapshots, libSQL', peerScript('crowd-mastra')],
        ] as const)
      : []),
  ];
  const found = new Map<string, Crowd[]>(subjects.map(([name]) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [name, , script] of subjects) found.get(name)?.push(await crowdOf(script));
  printTable(
    [
      'runs at once',
      'keeps',
      'RSS KB a run',
      'heap KB a run',
      'heap KB left',
      'CPU ms a run',
      'all open s',
      'all ended s',
    ],
    subjects.map(([name, keeps]) => {
      const of = (pick: (crowd: Crowd) => number): number => median((found.get(name) ?? []).map(pick));
      return [
        name,
        keeps,
        of(({ rssKb }) => rssKb).toFixed(0),
        of(({ heapKb }) => heapKb).toFixed(0),
        of(({ heapAfterKb }) => heapAfterKb).toFixed(0),
        of(({ processorMs }) => processorMs).toFixed(2),
        of(({ openMs }) => openMs / 1_000).toFixed(1),
        of(({ endMs }) => endMs / 1_000).toFixed(1),
      ];
    }),
  );
}

async function crowdOf({ args, env }: Script): Promise<Crowd> {
  await using model = await startModel();
  await using child = new LineProcess(['--expose-gc', ...args, model.url, String(RUNS)], env);
  return JSON.parse(await child.line()) as Crowd;
}
