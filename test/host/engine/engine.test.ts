import { expect, test } from 'vitest';

import type { HostError } from '../../../src/errors.ts';
import type { Json } from '../../../src/json.ts';
import type { RunContext } from '../../../src/host/context.ts';
import type { RegisteredWorkflow } from '../../../src/host/engine/engine.ts';
import { limitReached } from '../../../src/host/engine/limit.ts';
import { createEngine } from '../../../src/host/engine/local-engine.ts';
import { MemoryJournals } from '../../../src/host/engine/memory.ts';
import type { RunEvent } from '../../../src/host/event.ts';

function engineOver(journals = new MemoryJournals()) {
  const unreachable = (): never => {
    throw new Error('this workflow uses neither models nor tools');
  };
  const tools = { list: unreachable, call: unreachable, keep: unreachable };
  return createEngine({ journals, model: unreachable, tools });
}

function workflow(run: (context: RunContext, input: Json) => Promise<Json>): RegisteredWorkflow<Json, Json> {
  return { name: 'test', run };
}

async function collect(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const all: RunEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

test('a step gives what JSON makes of its result, also the first time', async () => {
  await using engine = engineOver();
  const { result } = engine.start(
    workflow(async (context) => {
      const value = await context.step(
        'dates',
        async () => ({ at: new Date(0), gone: undefined }) as unknown as Json,
      );
      return value;
    }),
    null,
  );
  expect(await result).toMatchObject({ type: 'done', output: { at: '1970-01-01T00:00:00.000Z' } });
});

test('a step that returns nothing that JSON can carry fails with its name', async () => {
  await using engine = engineOver();
  const { result } = engine.start(
    workflow((context) => context.step('empty', async () => undefined as unknown as Json)),
    null,
  );
  expect(await result).toMatchObject({ type: 'failed', error: { code: 'step-not-json' } });
});

test('a resumed run takes every result from its journal and works only on what is missing', async () => {
  const journals = new MemoryJournals();
  await using engine = engineOver(journals);
  const worked: string[] = [];
  const steps = workflow(async (context) => {
    const first = await context.step('first', async () => worked.push('first'));
    const both = await Promise.all(
      ['a', 'b'].map(async (name) => {
        const branch = context.branch(name);
        const left = await branch.step('left', async () => worked.push(`${name}.left`));
        const right = await branch.step('right', async () => worked.push(`${name}.right`));
        return `${left}${right}`;
      }),
    );
    return [first, ...both, await context.random(), await context.now()];
  });
  const run = engine.start(steps, { question: 'why' });
  const before = await run.result;
  expect(worked).toHaveLength(5);
  expect(before.type).toBe('done');
  expect(await engine.replay(run.id)).toEqual({ type: 'identical', steps: 7, complete: true });
  expect(worked).toHaveLength(5);
});

test('the order in which branches end does not matter at a replay', async () => {
  const journals = new MemoryJournals();
  await using engine = engineOver(journals);
  let slowFirst = true;
  const race = workflow(async (context) => {
    const slow = context.branch('slow');
    const fast = context.branch('fast');
    const gate = Promise.withResolvers<void>();
    const results = await Promise.all([
      slow.step('work', async () => {
        if (slowFirst) await gate.promise;
        return 'slow';
      }),
      fast.step('work', async () => {
        gate.resolve();
        return 'fast';
      }),
    ]);
    return results;
  });
  const run = engine.start(race, null);
  expect(await run.result).toMatchObject({ output: ['slow', 'fast'] });
  slowFirst = false;
  expect(await engine.replay(run.id)).toMatchObject({ type: 'identical', complete: true });
});

test('two open steps on one path are refused', async () => {
  await using engine = engineOver();
  const { result } = engine.start(
    workflow(async (context) => {
      await Promise.all([context.step('one', async () => 1), context.step('two', async () => 2)]);
      return null;
    }),
    null,
  );
  const outcome = await result;
  expect(outcome).toMatchObject({ type: 'failed', error: { code: 'step-open' } });
  expect(outcome.type === 'failed' && outcome.error.message).toContain('"one"');
});

test('two branches of one name are refused', async () => {
  await using engine = engineOver();
  const { result } = engine.start(
    workflow(async (context) => {
      context.branch('same');
      context.branch('same');
      return null;
    }),
    null,
  );
  expect(await result).toMatchObject({ type: 'failed', error: { code: 'branch-exists' } });
});

test('a workflow that no longer matches its journal does nothing more, whatever it makes of that', async () => {
  const journals = new MemoryJournals();
  const fetched = Promise.withResolvers<void>();
  const old = engineOver(journals);
  const run = old.start(
    workflow(async (context) => {
      await context.step('fetch', async () => 1);
      fetched.resolve();
      return context.waitFor('go');
    }),
    null,
  );
  await fetched.promise;
  await old.close();

  await using edited = engineOver(journals);
  let effects = 0;
  edited.register(
    workflow(async (context) => {
      await context.step('load', async () => 1).catch(() => 'perhaps later');
      return context.step('effect', async () => (effects += 1));
    }),
  );
  const outcome = await (await edited.resume(run.id)).result;
  expect(outcome).toMatchObject({ type: 'suspended', reason: 'mismatch' });
  expect(effects).toBe(0);
});

test('a workflow that no longer matches its journal stops, shows both steps, and can go on with its old code', async () => {
  const journals = new MemoryJournals();
  const fetched = Promise.withResolvers<void>();
  const fetching = workflow(async (context) => {
    const got = await context.step('fetch', async () => 1);
    fetched.resolve();
    await context.waitFor('go');
    return got;
  });
  const old = engineOver(journals);
  const run = old.start(fetching, null);
  await fetched.promise;
  await old.close();
  expect(await run.result).toMatchObject({ type: 'suspended', reason: 'closing' });

  await using edited = engineOver(journals);
  edited.register(workflow((context) => context.step('load', async () => 1)));
  const outcome = await (await edited.resume(run.id)).result;
  expect(outcome).toMatchObject({ type: 'suspended', reason: 'mismatch' });
  expect(outcome.type === 'suspended' && outcome.message).toMatch(/"fetch".*"load"/);
  expect(await edited.replay(run.id)).toMatchObject({
    type: 'different',
    kind: 'step',
    ordinal: 0,
    journaled: 'fetch',
    now: 'load',
  });

  await using restored = engineOver(journals);
  restored.register(fetching);
  const again = await restored.resume(run.id);
  await restored.signal(run.id, 'go', true);
  expect(await again.result).toMatchObject({ type: 'done', output: 1 });
});

test('a failed step fails again from the journal with the same code and is not worked again', async () => {
  const journals = new MemoryJournals();
  await using engine = engineOver(journals);
  let worked = 0;
  const failing = workflow(async (context) => {
    const code = await context
      .step('fails', async () => {
        worked += 1;
        throw limitReached({ limit: 'depth', message: 'too much' });
      })
      .catch((error: HostError) => error.code);
    return [code];
  });
  const run = engine.start(failing, null);
  expect(await run.result).toMatchObject({ output: ['limit-reached'] });
  expect(await engine.replay(run.id)).toMatchObject({ type: 'identical', complete: true });
  expect(worked).toBe(1);
});

test('cancelling aborts the open step at once and leaves it without an outcome', async () => {
  const journals = new MemoryJournals();
  await using engine = engineOver(journals);
  const entered = Promise.withResolvers<void>();
  const hanging = workflow((context) =>
    context.step('hangs', async (step) => {
      entered.resolve();
      await new Promise((_, reject) =>
        step.signal.addEventListener('abort', () => reject(step.signal.reason)),
      );
      return null;
    }),
  );
  const run = engine.start(hanging, null);
  await entered.promise;
  run.cancel('enough');
  expect(await run.result).toMatchObject({ type: 'cancelled', message: 'enough' });
  expect([...journals.read(run.id).rows()].filter((row) => row.type === 'step')).toEqual([]);
});

test('the time limit stops a run and says so', async () => {
  await using engine = engineOver();
  const run = engine.start(
    workflow((context) => context.sleep(60_000).then(() => null)),
    null,
    { budget: { timeoutMs: 20 } },
  );
  expect(await run.result).toMatchObject({ type: 'stopped', limit: 'time' });
  const events = await collect(run.events());
  expect(events.map((event) => event.type)).toEqual(['run-start', 'limit-reached', 'run-end']);
});

test('a signal that came before the wait is not lost, and a wait gives up after its time', async () => {
  await using engine = engineOver();
  const gate = Promise.withResolvers<void>();
  const waiting = workflow(async (context) => {
    await context.step('gate', () => gate.promise.then(() => null));
    const first = await context.waitFor<string>('answer');
    const second = await context.waitFor('answer', { timeoutMs: 10 }).catch((error: HostError) => error.code);
    return [first, second];
  });
  const run = engine.start(waiting, null);
  await engine.signal(run.id, 'answer', 'yes');
  gate.resolve();
  expect(await run.result).toMatchObject({ output: ['yes', 'wait-timeout'] });
  await expect(engine.signal('run_unknown', 'answer', 1)).rejects.toMatchObject({ code: 'unknown-run' });
});

test('a late reader gets the stored events, then the open step so far, then what comes, without gaps or repeats', async () => {
  await using engine = engineOver();
  const spoken = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const speaking = workflow((context) =>
    context.step('speak', async (step) => {
      step.emit({ type: 'text-delta', text: 'void' });
      step.restart('retry');
      step.emit({ type: 'text-delta', text: 'Hel' });
      step.emit({ type: 'text-delta', text: 'lo ' });
      spoken.resolve();
      await goOn.promise;
      step.emit({ type: 'text-delta', text: 'there' });
      return null;
    }),
  );
  const run = engine.start(speaking, null);
  const early = collect(run.events());
  await spoken.promise;
  const late = collect(run.events());
  const numbered = collect(run.events(2));
  goOn.resolve();
  await run.result;
  const texts = (events: readonly RunEvent[]) =>
    events.flatMap((event) =>
      event.type === 'text-delta' ? [[event.attempt, event.offset, event.text]] : [],
    );
  expect(texts(await early)).toEqual([
    [1, 0, 'void'],
    [2, 0, 'Hel'],
    [2, 3, 'lo '],
    [2, 6, 'there'],
  ]);
  expect(texts(await late)).toEqual([
    [2, 0, 'Hello '],
    [2, 6, 'there'],
  ]);
  expect((await late).map((event) => event.type)).toEqual([
    'run-start',
    'step-restart',
    'text-delta',
    'text-delta',
    'run-end',
  ]);
  expect((await numbered)[0]).toMatchObject({ type: 'step-restart', number: 2 });
  expect(await collect(run.events())).toHaveLength(3);
});

test('a replayed path stores no event twice', async () => {
  const journals = new MemoryJournals();
  await using engine = engineOver(journals);
  const telling = workflow(async (context) => {
    context.emit({ type: 'notice', level: 'info', code: 'a', message: 'a' });
    await context.step('work', async () => 1);
    context.branch('side').emit({ type: 'notice', level: 'info', code: 'b', message: 'b' });
    return null;
  });
  const run = engine.start(telling, null);
  await run.result;
  const forked = await engine.fork(run.id, 4);
  await forked.result;
  const events = (await collect(forked.events())).map((event) => [
    'number' in event ? event.number : 0,
    event.type === 'notice' ? event.code : event.type,
  ]);
  expect(events).toEqual([
    [1, 'run-start'],
    [2, 'a'],
    [3, 'b'],
    [4, 'run-resume'],
    [5, 'run-end'],
  ]);
});

test('a reader that leaves changes nothing for the run', async () => {
  await using engine = engineOver();
  const run = engine.start(
    workflow(async (context) => context.step('work', async () => 'whole')),
    null,
  );
  for await (const _ of run.events()) break;
  expect(await run.result).toMatchObject({ type: 'done', output: 'whole' });
});

test('closing the engine leaves what is open and refuses what comes after', async () => {
  const engine = engineOver();
  const run = engine.start(
    workflow((context) => context.sleep(60_000).then(() => null)),
    null,
  );
  await engine[Symbol.asyncDispose]();
  expect(await run.result).toMatchObject({ type: 'suspended', reason: 'closing' });
  expect(() =>
    engine.start(
      workflow(async () => null),
      null,
    ),
  ).toThrow(/closed/);
});
