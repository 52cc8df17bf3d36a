/** Who takes part, and how each is started. */
import { join } from 'node:path';

import { messageOf } from '../../src/errors.ts';
import { cacheFolder, install } from '../compat/install.ts';

export interface Contestant {
  readonly name: string;
  /** `bare` is what the others are compared with. */
  readonly kind: 'bare' | 'own' | 'peer';
  /** Whether a run could go on after a crash. */
  readonly keeps: string;
  /** For Node, before the URL of the model server. */
  readonly script: readonly string[];
  /** Behind it. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
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

export const OWN: readonly Contestant[] = [
  { name: 'bare, fetch', kind: 'bare', keeps: '-', script: [own('bare-fetch')] },
  { name: 'bare, node:http', kind: 'bare', keeps: '-', script: [own('bare-http')] },
  { name: 'Switchyard', kind: 'own', keeps: 'every step, SQLite', script: [own('switchyard')] },
  { name: `AI SDK`, kind: 'peer', keeps: '-', script: [own('ai-sdk')] },
];

/** All; without the peers that could not be installed, after a line that says why. */
export async function contestants(): Promise<readonly Contestant[]> {
  try {
    await install(FOLDER, PEERS);
  } catch (error) {
    console.log(`Skipped, LangGraph.js and Mastra: ${messageOf(error)}`);
    return OWN;
  }
  console.log(PEERS.map((peer) => `${peer.package} ${peer.version}`).join('\n'));
  return [
    ...OWN,
    peer('LangGraph.js', '-', 'langgraph'),
    peer('LangGraph.js, kept', 'checkpoints, SQLite', 'langgraph', 'sqlite'),
    peer('Mastra', 'in memory', 'mastra'),
    peer('Mastra, kept', 'snapshots, libSQL', 'mastra', 'libsql'),
  ];
}

function own(script: string): string {
  return join(import.meta.dirname, `${script}.ts`);
}

function peer(name: string, keeps: string, script: string, ...args: readonly string[]): Contestant {
  const file = (one: string): string => join(import.meta.dirname, 'peer', `${one}.js`);
  return {
    name,
    kind: 'peer',
    keeps,
    script: ['--import', file('from-cache'), file(script)],
    args,
    env: { PEERS: FOLDER },
  };
}
