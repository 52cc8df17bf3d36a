import { readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { HostError } from '../../../src/errors.ts';
import type { RegisteredWorkflow } from '../../../src/host/engine/engine.ts';
import { openTestHost, type TestHost } from '../../fixtures/open-host.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

function openHost(folder: string, workflow: RegisteredWorkflow): Promise<TestHost> {
  return openTestHost({ script: () => ({ type: 'answer', text: '' }), folder }).then((opened) => {
    opened.host.engine.register(workflow);
    return opened;
  });
}

test('a result of 50 MB stands beside the database, and another host reads it back letter by letter', async () => {
  await using folder = await temporaryFolder('large');
  // Characters of four bytes lie across every place at which it could be cut.
  const text = `${'😀'.repeat(12_499_999)}x😀`;
  let made = 0;
  const workflow: RegisteredWorkflow = {
    name: 'large',
    async run(context) {
      const got = await context.step('make', async () => {
        made += 1;
        return text;
      });
      await context.waitFor('go');
      return { whole: got === text };
    },
  };
  let runId: string;
  {
    await using first = await openHost(folder.path, workflow);
    const run = first.host.engine.start(workflow, null, { onWait: 'leave' });
    runId = run.id;
    expect(await run.result).toMatchObject({ type: 'suspended', reason: 'waiting' });
  }
  const beside = join(folder.path, 'journal', runId);
  const [name = ''] = readdirSync(beside);
  expect(statSync(join(beside, name)).size).toBe(Buffer.byteLength(JSON.stringify(text)));
  expect(statSync(join(beside, name)).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder.path, 'state.db')).size).toBeLessThan(1_000_000);
  await using second = await openHost(folder.path, workflow);
  await second.host.engine.signal(runId, 'go', null);

  renameSync(join(beside, name), join(folder.path, 'elsewhere'));
  const without = await second.host.engine.resume(runId);
  expect(await without.result).toMatchObject({
    type: 'suspended',
    reason: 'mismatch',
    message: expect.stringContaining(`stands in ${join(beside, name)}, which cannot be read`),
  });
  renameSync(join(folder.path, 'elsewhere'), join(beside, name));
  const resumed = await second.host.engine.resume(runId);
  expect(await resumed.result).toMatchObject({ type: 'done', output: { whole: true } });
  expect(made).toBe(1);
});

test('a result that no row can hold fails its step with its size, and the run can go on without it', async () => {
  await using folder = await temporaryFolder('large');
  const half = 'x'.repeat(300_000_000);
  const workflow: RegisteredWorkflow = {
    name: 'too-large',
    async run(context) {
      const failure = await context
        .step('make', async () => [half, half])
        .catch(({ code, message }: HostError) => ({ code, message }));
      return { failure, next: await context.step('next', async () => 'done') };
    },
  };
  await using opened = await openHost(folder.path, workflow);
  const run = opened.host.engine.start(workflow, null);
  expect(await run.result).toMatchObject({
    type: 'done',
    output: {
      failure: { code: 'step-too-large', message: expect.stringContaining('returned 600 MB') },
      next: 'done',
    },
  });
  expect(await opened.host.engine.replay(run.id)).toMatchObject({ type: 'identical', complete: true });
});
