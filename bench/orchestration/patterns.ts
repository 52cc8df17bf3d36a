/** The table of the patterns. */
import { median, printTable, spread } from '../report.ts';
import { contest, type Result, ROUNDS, RUNS, WARM_UP_RUNS } from './contest.ts';
import type { Contestant } from './contestants.ts';
import { CHAIN_STEPS, MODEL_CALLS, PARALLEL_PARTS, PATTERNS, type PatternName, WORKERS } from './task.ts';

export async function measurePatterns(contestants: readonly Contestant[]): Promise<void> {
  console.log(`
A chain of ${CHAIN_STEPS} model calls; ${PARALLEL_PARTS} in parallel; a plan, ${WORKERS} workers at once, and a synthesis. Everyone speaks the Anthropic
wire to one server on loopback, which answers at once with fixed words, so all the time is overhead. Each is a process of its own
and written as its own documentation writes it; ours streams and logs, the others take answers whole. ${WARM_UP_RUNS} runs to warm up, then
${ROUNDS} rounds in which all take turns, of ${PATTERNS.map((one) => `${RUNS[one]} ${one}`).join(', ')}. Overhead is over bare calls with fetch.
`);
  const results = await contest(contestants);
  for (const pattern of PATTERNS) {
    const of = (one: Contestant): Result | undefined => results.get(one)?.[pattern];
    const [first] = contestants;
    const bareMs = median((first && of(first)?.ms) ?? []);
    printTable(
      [
        `${pattern}, ${MODEL_CALLS[pattern]} calls`,
        'keeps',
        'ms a run (10–90 %)',
        'over bare, ms',
        'a call, ms',
        'CPU ms a run',
        'RSS MB',
      ],
      contestants.map((one) => row(one, pattern, of(one), bareMs)),
    );
    console.log();
    tellLowest(pattern, contestants, (one) => median(of(one)?.ms ?? []) - bareMs);
    console.log();
  }
}

function row(
  { name, keeps }: Contestant,
  pattern: PatternName,
  result: Result | undefined,
  bareMs: number,
): readonly string[] {
  const { ms, processorMs, rssMb } = result ?? { ms: [], processorMs: [], rssMb: Number.NaN };
  const over = median(ms) - bareMs;
  return [
    name,
    keeps,
    spread(ms, 1),
    over.toFixed(1),
    (over / MODEL_CALLS[pattern]).toFixed(2),
    median(processorMs).toFixed(1),
    rssMb.toFixed(0),
  ];
}

function tellLowest(
  pattern: PatternName,
  contestants: readonly Contestant[],
  overheadMs: (one: Contestant) => number,
): void {
  const [own] = contestants.filter(({ kind }) => kind === 'own');
  const peers = contestants.filter(({ kind }) => kind === 'peer');
  if (own === undefined || peers.length === 0) return;
  const lowest = Math.min(...peers.map(overheadMs));
  const verdict = overheadMs(own) <= lowest ? 'kept' : 'exceeded';
  console.log(
    `Budget, ${pattern}: ours lowest, journal on: ${overheadMs(own).toFixed(1)} ms, the lowest peer ${lowest.toFixed(1)} ms, ${verdict}`,
  );
}
