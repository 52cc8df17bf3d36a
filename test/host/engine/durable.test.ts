import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { RunContext } from '../../../src/host/context.ts';
import { DurableJournals } from '../../../src/host/engine/durable/durable-journals.ts';
import type { Engine, RegisteredWorkflow } from '../../../src/host/engine/engine.ts';
import { createEngine } from '../../../src/host/engine/local-engine.ts';
import { openState } from '../../../src/host/state.ts';
import type { Json } from '../../../src/json.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

interface DurableEngine extends AsyncDisposable {
  readonly engine: Engine;
  readonly journals: DurableJournals;
}

/** A host's engine over a home folder, as each of several processes has one. */
function engineAt(home: string, workflows: readonly RegisteredWorkflow[], leaseMs = 10_000): DurableEngine {
  const state = openState(home);
  const journals = new DurableJournals({
    state: async () => state,
    homeFolder: home,
    configFile: undefined,
    project: home,
    programVersion: '0',
    leaseMs,
  });
  const unreachable = (): never => {
    throw new Error('this workflow uses neither models nor tools');
  };
  const tools = { list: unreachable, call: unreachable, keep: unreachable };
  const engine = createEngine({ journals, model: unreachable, tools });
  for (const workflow of workflows) engine.register(workflow);
  return {
    engine,
    journals,
    async [Symbol.asyncDispose]() {
      await engine.close({ graceMs: 0 });
      journals[Symbol.dispose]();
      state[Symbol.dispose]();
    },
  };
}

function workflow(run: (context: RunContext, input: Json) => Promise<Json>): RegisteredWorkflow {
  return { name: 'test', run };
}

test('a run that was left goes on in another host where it was', async () => {
  await using home = await temporaryFolder('durable');
  const worked: string[] = [];
  const steps = workflow(async (context, input) => {
    const first = await context.step('first', async () => worked.push('first'));
    const answer = await context.waitFor<string>('answer');
    const last = await context.step('last', async () => worked.push('last'));
    return [input, first, answer, last];
  });
  let runId: string;
  {
    await using host = engineAt(home.path, [steps]);
    const run = host.engine.start(steps, { question: 'why' }, { onWait: 'leave' });
    runId = run.id;
    expect(await run.result).toMatchObject({ type: 'suspended', reason: 'waiting' });
  }
  await using host = engineAt(home.path, [steps]);
  expect(await host.journals.orphans()).toEqual([]);
  await host.engine.signal(runId, 'answer', 'yes');
  expect(await host.journals.orphans()).toEqual([runId]);
  const run = await host.engine.resume(runId);
  expect(await run.result).toMatchObject({ type: 'done', output: [{ question: 'why' }, 1, 'yes', 2] });
  expect(worked).toEqual(['first', 'last']);
  expect(await host.engine.replay(runId)).toMatchObject({ type: 'identical', complete: true });
  await expect(host.engine.resume(runId)).rejects.toMatchObject({ code: 'run-ended' });
});

test('two hosts never have one run, and one that was taken over writes nothing any more', async () => {
  await using home = await temporaryFolder('durable');
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const slow = workflow(async (context) => {
    await context.step('wait', async () => {
      begun.resolve();
      await gate.promise;
      return null;
    });
    return context.step('after', async () => 'first host');
  });
  const quick = workflow(async (context) => {
    await context.step('wait', async () => null);
    return context.step('after', async () => 'second host');
  });
  await using first = engineAt(home.path, [slow], 300);
  await using second = engineAt(home.path, [quick], 300);
  const run = first.engine.start(slow, null);
  await begun.promise;
  await expect(second.engine.resume(run.id)).rejects.toMatchObject({ code: 'run-owned' });

  // As for a process that is stopped: its heart does not beat, and its lock is still held.
  first.journals[Symbol.dispose]();
  const taken = await second.engine.resume(run.id);
  expect(await taken.result).toMatchObject({ type: 'done', output: 'second host' });
  gate.resolve();
  expect(await run.result).toMatchObject({ type: 'suspended', reason: 'lost' });
  expect(await second.engine.replay(run.id)).toMatchObject({ type: 'identical', complete: true });
});

test('a host that was taken over asks no model again for what the other one has paid for', async () => {
  await using home = await temporaryFolder('durable');
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const asked: string[] = [];
  const asking = (host: string, wait: () => Promise<void>): RegisteredWorkflow =>
    workflow(async (context) => {
      await context.step('wait', async () => {
        await wait();
        return null;
      });
      return context.step('ask', async (step) => {
        await step.written();
        asked.push(host);
        return host;
      });
    });
  const slow = asking('first', () => {
    begun.resolve();
    return gate.promise;
  });
  await using first = engineAt(home.path, [slow], 300);
  await using second = engineAt(home.path, [asking('second', async () => undefined)], 300);
  const run = first.engine.start(slow, null);
  await begun.promise;
  first.journals[Symbol.dispose]();
  await (await second.engine.resume(run.id)).result;
  gate.resolve();
  expect(await run.result).toMatchObject({ type: 'suspended', reason: 'lost' });
  expect(asked).toEqual(['second']);
});

test('a run of another host is cancelled from here, and for good', async () => {
  await using home = await temporaryFolder('durable');
  const waiting = workflow((context) => context.waitFor('never'));
  await using first = engineAt(home.path, [waiting]);
  await using second = engineAt(home.path, [waiting]);
  const run = first.engine.start(waiting, null);
  await first.engine.signal(run.id, 'other', 1);
  await second.engine.cancel(run.id, 'enough');
  expect(await run.result).toMatchObject({ type: 'cancelled', message: 'enough' });
  await expect(second.engine.resume(run.id)).rejects.toMatchObject({ code: 'run-ended' });

  const left = first.engine.start(waiting, null, { onWait: 'leave' });
  await left.result;
  await second.engine.cancel(left.id);
  await expect(second.engine.signal(left.id, 'never', 1)).rejects.toMatchObject({ code: 'run-ended' });
});

test('a large result stands beside the database and comes back', async () => {
  await using home = await temporaryFolder('durable');
  const text = 'x'.repeat(3_000_000);
  const large = workflow(async (context) => {
    const got = await context.step('large', async () => text);
    await context.waitFor('go');
    return got.length;
  });
  await using host = engineAt(home.path, [large]);
  const run = host.engine.start(large, null, { onWait: 'leave' });
  expect(await run.result).toMatchObject({ type: 'suspended' });
  expect(await readdir(join(home.path, 'journal', run.id))).toHaveLength(1);
  await host.engine.signal(run.id, 'go', 1);
  expect(await (await host.engine.resume(run.id)).result).toMatchObject({ type: 'done', output: 3_000_000 });
});

test('a fork goes on from the step that it is given, and leaves the run as it is', async () => {
  await using home = await temporaryFolder('durable');
  let count = 0;
  const counting = workflow(async (context, input) => {
    const first = await context.step('first', async () => (count += 1));
    const second = await context.step('second', async () => (count += 1));
    return [input, first, second];
  });
  await using host = engineAt(home.path, [counting]);
  const run = host.engine.start(counting, 'a');
  expect(await run.result).toMatchObject({ output: ['a', 1, 2] });
  const forked = await host.engine.fork(run.id, 2, { input: () => 'b' });
  expect(await forked.result).toMatchObject({ output: ['b', 1, 3] });
  expect(forked.run.forkedFrom).toEqual({ runId: run.id, atRow: 2 });
  expect(await host.engine.replay(run.id)).toMatchObject({ type: 'identical' });
  expect(await host.engine.replay(forked.id)).toMatchObject({ type: 'identical' });
});

test('what a workflow makes of a step that was cut off by leaving is void', async () => {
  await using home = await temporaryFolder('durable');
  const entered = Promise.withResolvers<void>();
  let cuts = 0;
  const forgiving = workflow(async (context) => {
    const got = await context
      .step('slow', async (step) => {
        entered.resolve();
        if (cuts > 0) return 'whole';
        return new Promise<string>((_, reject) =>
          step.signal.addEventListener('abort', () => reject(new Error('cut'))),
        );
      })
      .catch(() => {
        cuts += 1;
        return 'nothing';
      });
    context.emit({ type: 'notice', level: 'info', code: 'got', message: got });
    return got;
  });
  let runId: string;
  {
    await using host = engineAt(home.path, [forgiving]);
    const run = host.engine.start(forgiving, null);
    runId = run.id;
    await entered.promise;
    await host.engine.close({ graceMs: 0 });
    expect(await run.result).toMatchObject({ type: 'suspended', reason: 'closing' });
  }
  await using host = engineAt(home.path, [forgiving]);
  const run = await host.engine.resume(runId);
  expect(await run.result).toMatchObject({ type: 'done', output: 'whole' });
  expect(cuts).toBe(1);
  const notices = [];
  for await (const event of run.storedEvents()) if (event.type === 'notice') notices.push(event.message);
  expect(notices).toEqual(['whole']);
});

test('a run ends with its whole output, and stores what its workflow tells of it', async () => {
  await using home = await temporaryFolder('durable');
  const long = {
    name: 'long',
    run: async (context: RunContext) => ({ text: await context.step('say', async () => 'short'), more: 'x' }),
    told: ({ text }: { text: string; more: string }) => ({ text }),
  };
  await using host = engineAt(home.path, [long as unknown as RegisteredWorkflow]);
  const run = host.engine.start(long, null);
  expect(await run.result).toMatchObject({ output: { text: 'short', more: 'x' } });
  const events = [];
  for await (const event of run.storedEvents()) events.push(event);
  expect(events.at(-1)).toMatchObject({ type: 'run-end', output: { text: 'short' } });
  expect(JSON.stringify(events)).not.toContain('more');
  expect(await host.engine.replay(run.id)).toMatchObject({ type: 'identical', complete: true });
});
