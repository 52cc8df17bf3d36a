/** What one call costs: time one at a time, calls a second with many in flight, processor time and memory of who is in between. */
import { messageOf } from '../../src/errors.ts';
import { median, printTable, quantile } from '../report.ts';
import { cpuMs, rssMb } from './processes.ts';
import type { RunningTarget, Target } from './target.ts';
import type { Verdict } from './verdict.ts';

const ROUNDS = 9;
const CALLS_A_ROUND = 300;
const WARM_UP_CALLS = 2_000;
const IN_FLIGHT = 32;
const FLOOD_ROUNDS = 5;
const FLOOD_CALLS = 4_000;

interface Measured {
  readonly target: Target;
  readonly running: RunningTarget;
  readonly p50Ms: number[];
  readonly p95Ms: number[];
  readonly perSecond: number[];
  readonly cpuMsACall: number[];
}

/** All run beside each other and are measured in turns, so that a slow minute of the machine meets all of them. */
export async function compareCalls(targets: readonly Target[]): Promise<readonly Verdict[]> {
  const measured: Measured[] = [];
  try {
    for (const target of targets) {
      const running = await startOrSay(target);
      if (running === undefined) continue;
      measured.push({ target, running, p50Ms: [], p95Ms: [], perSecond: [], cpuMsACall: [] });
      await flood(running, WARM_UP_CALLS);
    }
    for (let round = 0; round < ROUNDS; round += 1) for (const one of measured) await oneAtATime(one);
    for (let round = 0; round < FLOOD_ROUNDS; round += 1) for (const one of measured) await manyAtOnce(one);
    print(measured);
    return verdicts(measured);
  } finally {
    await Promise.all(measured.map(({ running }) => running[Symbol.asyncDispose]()));
  }
}

async function startOrSay(target: Target): Promise<RunningTarget | undefined> {
  try {
    return await target.start();
  } catch (error) {
    console.log(`Skipped, ${target.name}: ${messageOf(error)}`);
    return undefined;
  }
}

async function oneAtATime({ running, p50Ms, p95Ms }: Measured): Promise<void> {
  const tookMs: number[] = [];
  for (let call = 0; call < CALLS_A_ROUND; call += 1) {
    const started = performance.now();
    await callOnce(running, call);
    tookMs.push(performance.now() - started);
  }
  p50Ms.push(median(tookMs));
  p95Ms.push(quantile(tookMs, 0.95));
}

async function manyAtOnce({ running, perSecond, cpuMsACall }: Measured): Promise<void> {
  const cpuBefore = cpuMs(running.pid);
  const started = performance.now();
  await flood(running, FLOOD_CALLS);
  perSecond.push((FLOOD_CALLS / (performance.now() - started)) * 1_000);
  cpuMsACall.push((cpuMs(running.pid) - cpuBefore) / FLOOD_CALLS);
}

/** Keeps as many in flight until all are answered. */
export async function flood(running: RunningTarget, calls: number): Promise<void> {
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (begun < calls) {
      begun += 1;
      await callOnce(running, begun);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

async function callOnce({ client, tool }: RunningTarget, call: number): Promise<void> {
  const text = `call ${call}`;
  const result = await client.request('tools/call', { name: tool, arguments: { text } });
  if (!JSON.stringify(result['content']).includes(text))
    throw new Error(`Not what was asked for: ${JSON.stringify(result).slice(0, 300)}`);
}

function print(measured: readonly Measured[]): void {
  const floorMs = floorOf(measured);
  printTable(
    [
      'one small echo',
      'p50 ms',
      'p95 ms',
      'over direct stdio, ms',
      `calls/s, ${IN_FLIGHT} in flight`,
      'CPU ms a call',
      'RSS MB',
    ],
    measured.map(({ target, running, p50Ms, p95Ms, perSecond, cpuMsACall }) => [
      target.name,
      median(p50Ms).toFixed(3),
      median(p95Ms).toFixed(3),
      (median(p50Ms) - floorMs).toFixed(3),
      median(perSecond).toFixed(0),
      median(cpuMsACall).toFixed(3),
      rssMb(running.pid).toFixed(0),
    ]),
  );
  console.log(
    `\nMedians of ${ROUNDS} rounds of ${CALLS_A_ROUND} calls, and of ${FLOOD_ROUNDS} of ${FLOOD_CALLS}. ` +
      'CPU and RSS are of the process in between alone; of a floor, of the server.\n',
  );
}

function floorOf(measured: readonly Measured[]): number {
  return median(measured.find(({ target }) => target.name === 'direct, stdio')?.p50Ms ?? []);
}

function verdicts(measured: readonly Measured[]): readonly Verdict[] {
  const floorMs = floorOf(measured);
  const ours = (name: string): Measured | undefined =>
    measured.find(({ target }) => target.kind === 'ours' && target.name.includes(name));
  const stdio = ours('stdio → stdio');
  const http = ours('HTTP → stdio');
  const added = (one: Measured): number => median(one.p50Ms) - floorMs;
  return [
    ...(stdio ? [{ what: 'added to a call, stdio → stdio', unit: 'ms', atMost: 0.3, is: added(stdio) }] : []),
    ...(http
      ? [
          { what: 'added to a call, HTTP → stdio', unit: 'ms', atMost: 0.5, is: added(http) },
          {
            what: `calls over HTTP, ${IN_FLIGHT} in flight`,
            unit: 'a second',
            atLeast: 3_000,
            is: median(http.perSecond),
          },
        ]
      : []),
  ];
}
