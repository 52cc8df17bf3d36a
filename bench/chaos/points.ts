/** Every point at which a host can be killed while it works on a run, each hit on purpose in a run of its own. */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

import type { ControlPoint } from '../../test/fixtures/mcp/ledger-entry.ts';
import type { HeldRequest } from './control.ts';
import type { Lane, Round } from './lane.ts';
import type { ModelPoint } from './scripted-model.ts';
import { AGENT_TURNS, SHAPES_CALLS, TOOLS, type ToolName } from './task.ts';

export const POINT_KINDS = {
  row: 'a row is in the journal',
  locked: 'the journal is locked before the claim',
  received: 'the server has the request',
  effect: 'the effect is made',
  answered: 'the answer is written',
  unrecorded: 'the answer came, the journal is locked',
  pipe: 'the request is on its way',
  dead: 'the same, and the server dies too',
  asked: 'the model is asked',
  streaming: 'the model has begun to answer',
  chain: 'it goes on, in one run again and again',
} as const;

export type PointKind = keyof typeof POINT_KINDS;
type WorkflowName = 'shapes' | 'agent';

/** One run that is killed at one point. */
interface Point {
  readonly kind: PointKind;
  /** Begins with the kind, so that findings can be counted for it. */
  readonly tag: string;
  readonly kill: NonNullable<Round['kill']>;
}

export interface PointsOptions {
  /** Of the points of each kind, every so many-th; 1 for all. */
  readonly every?: number;
  readonly onPoint?: (tag: string) => void;
}

/** Kills at every point; each run that was cut goes on beside the next one, and is then often killed again. */
export async function killAtEveryPoint(
  lane: Lane,
  workflow: WorkflowName,
  { every = 1, onPoint }: PointsOptions = {},
): Promise<ReadonlyMap<PointKind, number>> {
  await lane.round({ start: [{ workflow, tag: `whole-${workflow}` }] });
  const rowCount = lane.journal.runs().at(-1)?.rows.length ?? 0;
  const counts = new Map<PointKind, number>();
  for (const points of kindsOf(lane, workflow, rowCount)) {
    for (const { kind, tag, kill } of points.filter((_, index) => index % every === 0)) {
      const before = lane.kills;
      onPoint?.(tag);
      await lane.round({ start: [{ workflow, tag }], kill });
      counts.set(kind, (counts.get(kind) ?? 0) + lane.kills - before);
    }
  }
  await lane.round({});
  counts.set('chain', await killAgainAndAgain(lane, workflow, every));
  return counts;
}

function kindsOf(lane: Lane, workflow: WorkflowName, rowCount: number): readonly (readonly Point[])[] {
  const calls = workflow === 'shapes' ? Object.entries(SHAPES_CALLS) : AGENT_TURNS.flat();
  const point = (kind: PointKind, name: string, kill: (tag: string) => Point['kill']): Point => {
    const tag = `${kind}-${workflow}-${name}`;
    return { kind, tag, kill: kill(tag) };
  };
  const atRow = Array.from({ length: rowCount }, (_, index) =>
    point('row', String(index + 1), () => killAtRow(lane, index + 1)),
  );
  const atServer = (['received', 'effect', 'answered'] as const).map((kind) =>
    calls.map(([name]) => point(kind, name, (tag) => killAtServer(lane, kind, `${tag}.${name}`))),
  );
  const unrecorded = calls.map(([name]) =>
    point('unrecorded', name, (tag) => killBeforeRecord(lane, `${tag}.${name}`)),
  );
  const inPipe = (['pipe', 'dead'] as const).map((kind) =>
    successors(workflow).map(([before, name]) =>
      point(kind, name, (tag) => killWithStoppedServer(lane, `${tag}.${before}`, kind)),
    ),
  );
  const atModel =
    workflow === 'shapes'
      ? []
      : (['asked', 'streaming'] as const).map((kind) =>
          [...AGENT_TURNS.keys(), AGENT_TURNS.length].map((turn) =>
            point(kind, String(turn), (tag) => killAtModel(lane, kind, { tag, turn })),
          ),
        );
  const locked =
    workflow === 'agent'
      ? []
      : SLEEPS.map((nth) => point('locked', String(nth), () => killBeforeClaim(lane, nth)));
  return [atRow, locked, ...atServer, unrecorded, ...inPipe, ...atModel];
}

/** Each claimed call that comes directly after another one on its path, with that one. */
function successors(workflow: WorkflowName): readonly (readonly [string, string])[] {
  const paths =
    workflow === 'shapes'
      ? [
          ['look-first', 'set-first', 'charge-first', 'append-first', 'append-second'],
          ['look-last', 'charge-last', 'set-last', 'append-last'],
        ]
      : AGENT_TURNS.map((turn) => turn.map(([name]) => name));
  const tools = new Map<string, ToolName>([...Object.entries(SHAPES_CALLS), ...AGENT_TURNS.flat()]);
  return paths.flatMap((path) =>
    path
      .slice(1)
      .map((name, index) => [path[index] ?? '', name] as const)
      .filter(([, name]) => TOOLS[tools.get(name) ?? 'read_value'] !== 'read-only'),
  );
}

function killAtRow(lane: Lane, count: number): Point['kill'] {
  return (victim, over) => {
    const afterKey = lane.journal.lastKey();
    return trap(lane, { action: { kill: victim.pid }, afterKey, count }, over);
  };
}

async function trap(
  lane: Lane,
  trap: Parameters<Lane['watcher']['arm']>[0],
  over: Promise<unknown>,
): Promise<boolean> {
  void over.then(() => lane.watcher.disarm());
  return lane.watcher.arm(trap);
}

function killAtServer(lane: Lane, point: ControlPoint, label: string): Point['kill'] {
  return async (victim, over) => {
    if (isRequest(await Promise.race([held(lane, label, point), over]))) await victim.kill();
  };
}

/** Resolves with the request when it is held there. */
function held(lane: Lane, label: string, point: ControlPoint): Promise<HeldRequest> {
  return new Promise((resolve) => {
    lane.onRequest = (request) => {
      if (request.label !== label || request.point !== point) return false;
      lane.onRequest = () => false;
      resolve(request);
      return true;
    };
  });
}

/** The sleeps behind which a call comes next, counted through the run. */
const SLEEPS = [1, 3];
/** Long enough for the request of a host that does not wait for its claim. */
const LOCKED_MS = 30;

/** Nothing can be written down from a sleep on: then the call that follows must not be sent. */
function killBeforeClaim(lane: Lane, nth: number): Point['kill'] {
  return async (victim, over) => {
    const afterKey = lane.journal.lastKey();
    const isLocked = await trap(lane, { action: 'lock', afterKey, count: nth, name: 'sleep-until' }, over);
    if (!isLocked) return;
    await delay(LOCKED_MS);
    await victim.kill();
    await lane.watcher.unlock();
  };
}

/** Nothing can be written down from the effect on, so that the answer certainly comes and certainly is not recorded. */
function killBeforeRecord(lane: Lane, label: string): Point['kill'] {
  return async (victim, over) => {
    const effect = await Promise.race([held(lane, label, 'effect'), over]);
    if (!isRequest(effect)) return;
    using database = new DatabaseSync(lane.stateFile, { timeout: 10_000 });
    database.exec('BEGIN IMMEDIATE');
    const answered = held(lane, label, 'answered');
    effect.release();
    await Promise.race([answered, over]);
    await victim.kill();
    database.exec('ROLLBACK');
  };
}

/** The server is stopped as soon as it has answered the call before: the next request comes no further than its pipe. */
function killWithStoppedServer(lane: Lane, labelBefore: string, kind: 'pipe' | 'dead'): Point['kill'] {
  return async (victim, over) => {
    const before = await Promise.race([held(lane, labelBefore, 'effect'), over]);
    if (!isRequest(before)) return;
    const run = lane.journal.runs('open').find(({ tag }) => labelBefore.startsWith(`${tag}.`));
    const claims = run?.rows.filter(({ type }) => type === 'claim').length ?? 0;
    const answered = held(lane, labelBefore, 'answered');
    before.release();
    await Promise.race([answered, over]);
    process.kill(before.pid, 'SIGSTOP');
    const afterKey = (run?.key ?? 0) - 1;
    if (await trap(lane, { action: { kill: victim.pid }, afterKey, count: claims + 1, type: 'claim' }, over))
      await victim.gone;
    process.kill(before.pid, kind === 'dead' ? 'SIGKILL' : 'SIGCONT');
  };
}

function killAtModel(
  lane: Lane,
  point: ModelPoint,
  at: { readonly tag: string; readonly turn: number },
): Point['kill'] {
  return async (victim, over) => {
    const reached = new Promise<true>((resolve) => {
      lane.onQuestion = ({ tag, turn }) => {
        if (tag !== at.tag || turn !== at.turn) return undefined;
        lane.onQuestion = () => undefined;
        resolve(true);
        return point;
      };
    });
    if ((await Promise.race([reached, over])) === true) await victim.kill();
  };
}

const LEAST_FURTHER_ROWS = 2;
const FURTHER_ROWS = 6;

/**
 * One run, killed soon after it goes on, each time some rows later, until it ends. That it goes on is a row itself, and so is
 * a claim that is made anew: who never lets it come further would never let it end. Returns the kills.
 */
async function killAgainAndAgain(lane: Lane, workflow: WorkflowName, every: number): Promise<number> {
  const before = lane.kills;
  const tag = `chain-${workflow}`;
  const afterKey = lane.journal.lastKey();
  for (let count = 1; ; ) {
    const start = count === 1 ? [{ workflow, tag }] : [];
    await lane.round({
      start,
      kill: (victim, over) => trap(lane, { action: { kill: victim.pid }, afterKey, count }, over),
    });
    const run = lane.journal.runs('open').at(-1);
    if (run === undefined) return lane.kills - before;
    count = run.rows.length + LEAST_FURTHER_ROWS + ((lane.kills - before) % FURTHER_ROWS) + every - 1;
  }
}

function isRequest(value: unknown): value is HeldRequest {
  return typeof value === 'object' && value !== null && 'release' in value;
}
