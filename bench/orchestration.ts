/** What the patterns cost over bare calls, beside others; many runs at once; long conversations; wide fans. */
import { contest, type Result, ROUNDS, RUNS, WARM_UP_RUNS } from './orchestration/contest.ts';
import { contestants, type Contestant } from './orchestration/contestants.ts';
import { CHAIN_STEPS, MODEL_CALLS, PARALLEL_PARTS, PATTERNS, WORKERS } from './orchestration/task.ts';
import { median, printTable, printVersions, spread } from './report.ts';

const PARTS = ['patterns'] as const;

/** `npm run bench -- orchestration` runs all; with the names of parts, those alone. */
export async function main(argv: readonly string[]): Promise<void> {
  const parts = new Set<string>(argv.length === 0 ? PARTS : argv);
  if (parts.has('patterns')) await patterns();
}

async function patterns(): Promise<void> {
  printVersions(['@ai-sdk/anthropic']);
  const all = await contestants();
  console.log(`
A chain of ${CHAIN_STEPS} model calls; ${PARALLEL_PARTS} in parallel; a plan, ${WORKERS} workers at once, and a synthesis. Everyone speaks the Anthropic
wire to one server on loopback, which answers at once with fixed words, so all the time is overhead. Each is a process of its own
and written as its own documentation writes it; ours streams, the others take answers whole. Overhead is over bare calls with fetch.
${WARM_UP_RUNS} runs to warm up, then ${ROUNDS} rounds in which all take turns, of ${PATTERNS.map((one) => `${RUNS[one]} ${one}`).join(', ')}.
`);
  const results = await contest(all);
  for (const pattern of PATTERNS) {
    const calls = MODEL_CALLS[pattern];
    const of = (one: Contestant): Result =>
      results.get(one)?.[pattern] ?? { ms: [], processorMs: [], rssMb: 0 };
    const bare = all[0] === undefined ? Number.NaN : median(of(all[0]).ms);
    printTable(
      [
        `${pattern}, ${calls} calls`,
        'keeps',
        'ms a run (10–90 %)',
        'over bare, ms',
        'a call, ms',
        'CPU ms a run',
        'RSS MB',
      ],
      all.map((one) => {
        const { ms, processorMs, rssMb } = of(one);
        const over = median(ms) - bare;
        return [
          one.name,
          one.keeps,
          spread(ms, 1),
          over.toFixed(1),
          (over / calls).toFixed(2),
          median(processorMs).toFixed(1),
          rssMb.toFixed(0),
        ];
      }),
    );
    console.log();
  }
}
