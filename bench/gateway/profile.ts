/** Where the time of the process in between goes: V8's own samples of it while it is asked as much as it can answer. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { printTable } from '../report.ts';
import { flood } from './calls.ts';
import { startOwnHttp, startOwnStdio } from './own.ts';
import type { RunningTarget } from './target.ts';

const CALLS = 30_000;
const SHOWN = 30;

/** Of V8's format (Chrome DevTools Protocol, `Profiler.Profile`). */
interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
}

export async function profileCalls(folder: string): Promise<void> {
  const transports = { 'stdio → stdio': startOwnStdio, 'HTTP → stdio': startOwnHttp };
  for (const [name, start] of Object.entries(transports)) {
    const profiles = join(folder, `profile-${Object.keys(transports).indexOf(name)}`);
    mkdirSync(profiles);
    const nodeOptions = ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
    await drive(await start({ folder, name: `profile-${name}`, nodeOptions }));
    const [file] = readdirSync(profiles);
    if (file === undefined) throw new Error(`No profile was written into ${profiles}.`);
    print(name, JSON.parse(readFileSync(join(profiles, file), 'utf8')) as CpuProfile);
  }
}

async function drive(target: RunningTarget): Promise<void> {
  await using running = target;
  await flood(running, CALLS);
}

function print(name: string, { nodes, samples, timeDeltas }: CpuProfile): void {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const byFunction = new Map<string, number>();
  const byPlace = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    if (frame === undefined || frame.functionName === '(idle)') continue;
    const us = timeDeltas[index] ?? 0;
    const place = placeOf(frame.url, frame.functionName);
    const line = frame.url === '' ? '' : `:${frame.lineNumber + 1}`;
    const file = frame.url.split('/').slice(-2).join('/');
    add(byFunction, `${frame.functionName || '(anonymous)'} ${file}${line}`, us);
    add(byPlace, place, us);
  }
  console.log(`Profile, ${name}: µs a call of ${CALLS} calls, the start included\n`);
  printTable(['where', 'µs a call'], top(byPlace));
  console.log();
  printTable(['function', 'µs a call'], top(byFunction).slice(0, SHOWN));
  console.log();
}

/** The package, the room of the house, or the engine itself. */
function placeOf(url: string, functionName: string): string {
  const dependency = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (dependency !== undefined) return dependency;
  const room = /\/(?:src|dist)\/((?:[^/]+\/){0,2})/.exec(url)?.[1];
  if (room !== undefined) return `ours: ${room}`;
  if (url.startsWith('node:')) return url.split('/').slice(0, 2).join('/');
  return url === '' ? functionName : url;
}

function add(sums: Map<string, number>, key: string, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value);
}

function top(sums: ReadonlyMap<string, number>): readonly (readonly [string, string])[] {
  const sorted = [...sums].sort(([, a], [, b]) => b - a);
  return sorted.map(([key, us]) => [key, (us / CALLS).toFixed(2)]);
}
