/**
 * The host as one MCP server beside other gateways, all over the same tiny server and asked by the same client: what a call
 * costs, how soon the first list is there, and what it holds in memory. `--part` names the parts to run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { compareCalls } from './gateway/calls.ts';
import { compareFirstLists } from './gateway/first-list.ts';
import { measureIdle } from './gateway/idle.ts';
import { FLOORS, ownTargets } from './gateway/own.ts';
import { installPeers, type Peer } from './gateway/peers.ts';
import { profileCalls } from './gateway/profile.ts';
import { measureSessions } from './gateway/sessions.ts';
import { measureSdkClient } from './gateway/sdk-client.ts';
import { printVerdicts, type Verdict } from './gateway/verdict.ts';

interface Bench {
  readonly folder: string;
  readonly peers: readonly Peer[];
}

const PARTS: Readonly<Record<string, (bench: Bench) => Promise<readonly Verdict[]>>> = {
  calls: async ({ folder, peers }) => {
    const own = ownTargets(folder);
    const verdicts = await compareCalls([...FLOORS, ...own, ...peers]);
    await measureSdkClient([...FLOORS, ...own]);
    return verdicts;
  },
  start: ({ folder, peers }) => compareFirstLists(folder, peers),
  idle: ({ folder }) => measureIdle(folder),
  sessions: ({ folder, peers }) => measureSessions(folder, peers),
};

export async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      part: { type: 'string', multiple: true },
      'no-peers': { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
    },
  });
  const names = values.part ?? Object.keys(PARTS);
  const unknown = names.find((name) => PARTS[name] === undefined);
  if (unknown !== undefined) {
    console.error(`There is no part '${unknown}': ${Object.keys(PARTS).join(', ')}.`);
    process.exitCode = 2;
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-gateway-'));
  try {
    if (values.profile) {
      await profileCalls(folder);
      return;
    }
    const peers = values['no-peers'] ? [] : await installPeers(folder);
    const verdicts: Verdict[] = [];
    for (const name of names) verdicts.push(...((await PARTS[name]?.({ folder, peers })) ?? []));
    printVerdicts(verdicts);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
