import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { loadConfig } from '../../../src/config/load-config.ts';
import { createHost, type Host } from '../../../src/host/host.ts';
import type { JsonObject } from '../../../src/json.ts';
import type { LogEntry } from '../../../src/registry/contract.ts';
import { manualClock } from '../../fixtures/manual-clock.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const WORKFLOWS = { nap: { pause: { ms: 5 } } };

async function openHost(home: string, config: JsonObject, clock = manualClock('2026-03-02T08:00:10Z')) {
  const file = join(home, 'mcp.config.json');
  await writeFile(file, JSON.stringify(config));
  const entries: LogEntry[] = [];
  const options = { workingFolder: home, homeFolder: home, userFolder: home, env: {} };
  const host: Host = await createHost({
    ...options,
    config: await loadConfig({ ...options, configFile: file }),
    log: (entry) => entries.push(entry),
    clock,
  });
  return { host, entries, clock };
}

test('a host that closes while its triggers open leaves no source, no timer and no lock behind', async () => {
  await using folder = await temporaryFolder('closing');
  const config = {
    workflows: WORKFLOWS,
    triggers: { it: { workflow: 'nap', schedule: { cron: '* * * * *' } } },
  };
  const { host, entries, clock } = await openHost(folder.path, config);
  const serving = host.triggers.serve();
  const refused = expect(serving).rejects.toMatchObject({ code: 'host-closed' });
  await host[Symbol.asyncDispose]();
  await refused;
  expect(clock.timers).toBe(0);
  expect(entries).toEqual([]);

  await using next = (await openHost(folder.path, config)).host;
  await next.triggers.serve();
});

test('a server that never answers its first request does not hold up the end of the host', async () => {
  await using folder = await temporaryFolder('closing');
  const silent = { command: process.execPath, args: ['-e', 'process.stdin.resume()'] };
  const it = { workflow: 'nap', resource: { uri: 'test://it', server: 'silent' } };
  const config = { mcpServers: { silent }, workflows: WORKFLOWS, triggers: { it } };
  const { host, entries } = await openHost(folder.path, config);
  const serving = host.triggers.serve();
  await expect.poll(() => host.registry.servers()[0]?.state, { timeout: 30_000 }).toBe('connecting');
  await host[Symbol.asyncDispose]();
  await serving;
  // It was given up, and nobody waited for its time to be over.
  const reasons = entries.map(({ fields }) => fields?.['reason']);
  expect(reasons).toEqual(['The attempt was given up because the host closes.']);
});
