/** What is left of sessions over HTTP, of which half are ended and half are abandoned, as most clients do. */
import { messageOf } from '../../src/errors.ts';
import type { JsonObject } from '../../src/json.ts';
import { printTable } from '../report.ts';
import { collectedMemory } from './collect.ts';
import { createPool, httpClient } from './http-client.ts';
import { startOwnHttp } from './own.ts';
import { freePort, processTree, rssMb } from './processes.ts';
import type { Peer } from './peers.ts';
import { handshake } from './rpc-client.ts';
import type { RunningTarget } from './target.ts';
import type { Verdict } from './verdict.ts';

const SESSIONS = 10_000;
const MEASURED = SESSIONS / 2;
/** Two processes more with each: that is enough to see. */
const PEER_SESSIONS = 100;
const AT_ONCE = 8;
const WITH_PROCESSES = 'supergateway';

export async function measureSessions(folder: string, peers: readonly Peer[]): Promise<readonly Verdict[]> {
  const verdicts = await ours(folder);
  const peer = peers.find(({ name }) => name.startsWith(WITH_PROCESSES));
  if (peer !== undefined) await beside(peer);
  return verdicts;
}

/** With the limit on sessions that holds where the config says nothing, and with none that would be reached. */
async function ours(folder: string): Promise<readonly Verdict[]> {
  const withLimit = await grow(folder, 'the default limit', {});
  const unlimited = await grow(folder, 'all kept', { maxSessions: SESSIONS });
  return [
    {
      what: 'a session over HTTP, the last 5,000, heap',
      unit: 'KiB',
      atMost: 1,
      is: kibOf(withLimit.heapBytes),
    },
    { what: 'the same, RSS', unit: 'KiB', atMost: 1, is: kibOf(withLimit.rssBytes) },
    {
      what: 'the same where all that were not ended are kept, heap',
      unit: 'KiB',
      atMost: 1,
      is: kibOf(unlimited.heapBytes),
    },
    {
      what: 'processes more after all sessions',
      unit: 'processes',
      atMost: 0,
      is: Math.max(withLimit.processes, unlimited.processes),
    },
  ];
}

interface Growth {
  /** Over the last half of the sessions. */
  readonly heapBytes: number;
  readonly rssBytes: number;
  /** Over all. */
  readonly processes: number;
}

async function grow(folder: string, name: string, http: JsonObject): Promise<Growth> {
  const inspectPort = await freePort();
  await using running = await startOwnHttp({
    folder,
    name: `sessions-${name}`,
    http,
    nodeOptions: [`--inspect=127.0.0.1:${inspectPort}`],
  });
  const rows: (string | number)[][] = [];
  const look = async (sessions: number) => {
    const held = await collectedMemory(inspectPort);
    const processes = processTree(running.pid).length;
    rows.push([sessions, mb(held.heapBytes), mb(held.rssBytes), processes]);
    return { ...held, processes };
  };
  const start = await look(0);
  await openSessions(running, MEASURED);
  const half = await look(MEASURED);
  await openSessions(running, SESSIONS - MEASURED);
  const end = await look(SESSIONS);
  printTable([`sessions, ${name}`, 'heap MB', 'RSS MB', 'processes'], rows);
  console.log(
    '\nEach with one call; every second one was ended, the others are left. Garbage was collected before each look.\n',
  );
  return {
    heapBytes: end.heapBytes - half.heapBytes,
    rssBytes: end.rssBytes - half.rssBytes,
    processes: end.processes - start.processes,
  };
}

function kibOf(bytes: number): number {
  return bytes / 1_024 / (SESSIONS - MEASURED);
}

/** Every second one is ended. */
async function openSessions({ url = '', tool }: RunningTarget, count: number): Promise<void> {
  const pool = createPool(new URL(url).origin);
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      const isEnded = begun % 2 === 0;
      const client = httpClient(url, { pool });
      await handshake(client);
      await client.request('tools/call', { name: tool, arguments: { text: 'once' } });
      if (isEnded) await client.end();
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  } finally {
    await pool.destroy();
  }
}

async function beside(peer: Peer): Promise<void> {
  try {
    await using running = await peer.start();
    const look = (): { readonly mb: number; readonly processes: number } => {
      const tree = processTree(running.pid);
      return { mb: tree.reduce((sum, pid) => sum + rssMb(pid), 0), processes: tree.length };
    };
    const before = look();
    await openSessions(running, PEER_SESSIONS);
    const after = look();
    console.log(
      `${peer.name}, ${PEER_SESSIONS} sessions, half of them ended: ` +
        `${before.processes} → ${after.processes} processes, ${before.mb.toFixed(0)} → ${after.mb.toFixed(0)} MB\n`,
    );
  } catch (error) {
    console.log(`Skipped, ${peer.name}: ${messageOf(error)}\n`);
  }
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
