import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { RunContext } from '../../../../src/host/context.ts';
import { callTool } from '../../../../src/host/workflow/pattern/call-tool.ts';
import { agentTools, linesOf } from '../../../fixtures/agent-tools.ts';
import { openTestHost, type TestHost } from '../../../fixtures/open-host.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const script = () => ({ type: 'answer', text: 'unused' }) as const;

test('a tool that was not run is a failure whose code says why', async () => {
  const call = (context: RunContext, name: string) => callTool(context, name, { thing: 7 });
  await using opened = await openTestHost({ script, servers: [agentTools()], workflows: { call_it: call } });
  const codeOf = async (name: string): Promise<unknown> =>
    await (await opened.host.run('call_it', name)).result;
  expect(await codeOf('tools__order')).toMatchObject({
    type: 'failed',
    error: { code: 'invalid-arguments' },
  });
  expect(await codeOf('tools__nothing')).toMatchObject({ type: 'failed', error: { code: 'unknown-tool' } });
});

test('a server that cannot be reached is waited for, and done once when it is back', async () => {
  await using world = await breakableServer();
  const { host } = world.opened;
  await world.breakIt();
  const at = await host.run('impatient', 'tea');
  expect(await at.result).toMatchObject({ type: 'failed', error: { code: 'server-unavailable' } });
  const run = await host.run('patient', 'tea');
  let refused = 0;
  for await (const event of run.events()) {
    if (event.type !== 'tool-call-end' || event.outcome === 'complete') continue;
    refused += 1;
    if (refused === 2) world.mend();
  }
  expect(await run.result).toMatchObject({ type: 'done', output: { text: expect.stringContaining('tea') } });
  expect(refused).toBeGreaterThan(1);
  expect(linesOf(world.ledger)).toEqual(['die', 'order tea']);
});

/** One whose program can be taken away and put back. */
async function breakableServer(): Promise<
  AsyncDisposable & { opened: TestHost; ledger: string; breakIt(): Promise<void>; mend(): void }
> {
  const folder = await temporaryFolder('breakable');
  const program = join(folder.path, 'server.mjs');
  const ledger = join(folder.path, 'ledger');
  const { args } = agentTools(ledger);
  writeFileSync(program, `await import(${JSON.stringify(args[0])});\n`);
  const order = (patienceMs: number) => async (context: RunContext, thing: string) =>
    callTool(context, 'tools__order', { thing }, { patienceMs });
  const opened = await openTestHost({
    script,
    servers: [agentTools(ledger, { args: [program, ...args.slice(1)] })],
    workflows: { patient: order(60_000), impatient: order(0) },
    folder: folder.path,
  });
  await opened.host.registry.ready();
  return {
    opened,
    ledger,
    async breakIt() {
      renameSync(program, `${program}.away`);
      await opened.host.call('tools__die', {}).result;
      await expect.poll(() => opened.host.registry.servers()[0]?.state).not.toBe('ready');
    },
    mend: () => renameSync(`${program}.away`, program),
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
