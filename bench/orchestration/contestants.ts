/** Who takes part, and how each is started. */
import { join } from 'node:path';

import { messageOf } from '../../src/errors.ts';
import { cacheFolder, install } from '../compat/install.ts';

/** What Node is given, and in which environment. */
export interface Script {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Contestant {
  readonly name: string;
  /** The first one that is `bare` is what the others are compared with. */
  readonly kind: 'bare' | 'own' | 'peer';
  /** What is left of a run, should its process die. */
  readonly keeps: string;
  readonly script: Script;
  /** Behind the URL of the model server. */
  readonly options?: readonly string[];
}

const FOLDER = cacheFolder('orchestration');

const PEERS = [
  { package: '@langchain/langgraph', version: '1.7.3' },
  { package: '@langchain/core', version: '1.4.0' },
  { package: '@langchain/anthropic', version: '1.5.11' },
  { package: '@langchain/langgraph-checkpoint-sqlite', version: '1.0.4' },
  // Brings its binaries along, where the one that the package above asks for would fetch them.
  { package: 'better-sqlite3', version: '13.2.0' },
  { package: '@mastra/core', version: '1.71.0' },
  { package: '@mastra/libsql', version: '1.23.1' },
  { package: '@ai-sdk/anthropic', version: '4.0.105' },
  { package: 'zod', version: '4.6.7' },
] as const;

/** False, after a line that says why, where LangGraph.js and Mastra cannot be had. */
export async function installPeers(): Promise<boolean> {
  try {
    await install(FOLDER, PEERS);
  } catch (error) {
    console.log(`Skipped, LangGraph.js and Mastra: ${messageOf(error)}`);
    return false;
  }
  console.log(PEERS.map((peer) => `${peer.package} ${peer.version}`).join('\n'));
  return true;
}

export function contestants(hasPeers: boolean): readonly Contestant[] {
  const [langgraph, mastra] = [peerScript('langgraph'), peerScript('mastra')];
  const own: readonly Contestant[] = [
    { name: 'bare, fetch', kind: 'bare', keeps: '-', script: ownScript('bare-fetch') },
    { name: 'bare, node:http', kind: 'bare', keeps: '-', script: ownScript('bare-http') },
    { name: 'Switchyard', kind: 'own', keeps: 'every step, SQLite', script: ownScript('switchyard') },
    { name: 'AI SDK', kind: 'peer', keeps: '-', script: ownScript('ai-sdk') },
  ];
  if (!hasPeers) return own;
  return [
    ...own,
    { name: 'LangGraph.js', kind: 'peer', keeps: '-', script: langgraph },
    {
      name: 'LangGraph.js, kept',
      kind: 'peer',
      keeps: 'checkpoints, SQLite',
      script: langgraph,
      options: ['sqlite'],
    },
    { name: 'Mastra', kind: 'peer', keeps: 'in memory', script: mastra },
    { name: 'Mastra, kept', kind: 'peer', keeps: 'snapshots, libSQL', script: mastra, options: ['libsql'] },
  ];
}

/** One whose packages are ours. */
export function ownScript(name: string): Script {
  return { args: [join(import.meta.dirname, `${name}.ts`)] };
}

/** One whose packages are installed on demand. */
export function peerScript(name: string): Script {
  const file = (one: string): string => join(import.meta.dirname, 'peer', `${one}.js`);
  return { args: ['--import', file('from-cache'), file(name)], env: { PEERS: FOLDER } };
}
