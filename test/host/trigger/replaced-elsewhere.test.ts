import { expect, test } from 'vitest';

import { HostError } from '../../../src/errors.ts';
import { openState } from '../../../src/host/state.ts';
import { takeEvent } from '../../../src/host/trigger/event-store.ts';
import { RunningTrigger } from '../../../src/host/trigger/running-trigger.ts';
import { manualClock } from '../../fixtures/manual-clock.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const PLACE = { configFile: '/config', trigger: 'it' };
const QUEUE = { maxQueued: 10, debounceMs: 0 };

test('a run that another program is still ending is asked to end now and then, and nothing else stands still meanwhile', async () => {
  await using folder = await temporaryFolder('replaced');
  using state = openState(folder.path);
  const clock = manualClock('2026-03-02T08:00:10Z');
  const asked: string[] = [];
  await using trigger = new RunningTrigger(
    'it',
    { workflow: 'long', overlap: 'replace', resource: { uri: 'test://nothing' } },
    {
      state,
      configFile: PLACE.configFile,
      runPlace: { configFile: PLACE.configFile, project: folder.path, programVersion: '1' },
      clock,
      log: () => undefined,
      redact: (value) => value,
      makeRun: async () => ({
        workflow: 'long',
        workflowRevision: '1',
        actor: 'trigger:it',
        input: null,
        budget: {},
      }),
      // Another program has it.
      resume: async () => {
        throw new HostError('run-owned', 'Another program has it.');
      },
      // It was told so, and takes its time.
      cancel: async (runId) => {
        asked.push(runId);
        if (asked.length > 50) throw new Error('asked without end');
      },
    },
  );
  takeEvent(state, PLACE, { id: 'a', atMs: 0, data: {} }, QUEUE, clock.now());
  await trigger.pump();
  takeEvent(state, PLACE, { id: 'b', atMs: 0, data: {} }, QUEUE, clock.now());
  await trigger.pump();
  expect(asked.length).toBeLessThan(3);
  const before = asked.length;
  await clock.pass(1_000);
  await trigger.pump();
  expect(asked.length).toBeGreaterThan(before);
});
