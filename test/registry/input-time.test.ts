import { setTimeout as delay } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { openRegistry } from '../../src/registry/index.ts';
import { Bench, stdioServer } from './fixture.ts';

test('while a person answers a server, the time of the call stands still', async () => {
  await using bench = new Bench();
  await using registry = await openRegistry(
    bench.options([stdioServer('asks', 'misbehaving', ['asks'], { timeoutMs: 300 })]),
  );
  await registry.ready();
  const onInput = async () => {
    // Longer than the call may take.
    await delay(900);
    return { action: 'accept', content: { colour: 'blue' } };
  };
  const outcome = await registry.call('asks__act', {}, { onInput });
  expect(outcome.type).toBe('complete');
  expect(JSON.stringify(outcome)).toContain('blue');
});
