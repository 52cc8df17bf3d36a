/**
 * A request of two and a half minutes from clients of both SDKs with the time-outs that they come with (60 s), over stdio and
 * HTTP; the client that asked goes away, and one of the other SDK collects the answer. `--seconds 150`
 */
import { parseArgs } from 'node:util';

import { type Outcome, play, type Scenario } from './long-run/scenario.ts';
import { printTable } from './report.ts';

const SCENARIOS = [
  { transport: 'stdio', asker: 'v1', collector: 'v2' },
  { transport: 'stdio', asker: 'v2', collector: 'v1' },
  { transport: 'http', asker: 'v1', collector: 'v2' },
  { transport: 'http', asker: 'v2', collector: 'v1' },
] as const satisfies readonly Partial<Scenario>[];

/** Exit code 1 where something is not as it should be. All at once: they wait, and hardly work. */
export async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...argv], options: { seconds: { type: 'string', default: '150' } } });
  const runMs = Number(values.seconds) * 1_000;
  const started = performance.now();
  const outcomes = await Promise.all(
    SCENARIOS.map((scenario) => {
      const { transport, asker, collector } = scenario;
      const tell = (line: string): void =>
        console.log(`${seconds(performance.now() - started)}  ${transport} ${asker}→${collector}  ${line}`);
      return play({ ...scenario, runMs, tell }).catch(
        (error: unknown): Outcome => ({ ...NOTHING, problems: [String(error)] }),
      );
    }),
  );
  console.log();
  printTable(
    ['transport', 'asks', 'collects', 'named after, s', 'answer after, s', 'waits', 'progress', ''],
    SCENARIOS.map(({ transport, asker, collector }, index) => {
      const { namedMs, collectedMs, waits, progress, problems } = outcomes[index] ?? NOTHING;
      const times = [namedMs, collectedMs].map((ms) => (ms / 1_000).toFixed(1));
      const verdict = problems.length === 0 ? 'as it should be' : problems.join('; ');
      return [transport, asker, collector, ...times, String(waits), String(progress), verdict];
    }),
  );
  if (outcomes.some(({ problems }) => problems.length > 0)) process.exitCode = 1;
}

const NOTHING: Outcome = {
  namedMs: Number.NaN,
  collectedMs: Number.NaN,
  waits: 0,
  progress: 0,
  problems: ['nothing came'],
};

function seconds(ms: number): string {
  return `+${(ms / 1_000).toFixed(1).padStart(5)} s`;
}
