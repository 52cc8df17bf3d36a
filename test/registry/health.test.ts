import { afterEach, expect, test, vi } from 'vitest';

import { AttemptRefused, Health } from '../../src/registry/health.ts';

afterEach(() => {
  vi.useRealTimers();
});

const fails = () => Promise.reject(new Error('no'));

test('after repeated failures attempts are refused until the time that is told, then one is let through', async () => {
  vi.useFakeTimers();
  const health = new Health({ failuresUntilOpen: 2, firstOpenMs: 1_000, maxOpenMs: 10_000 });
  for (let attempt = 0; attempt < 2; attempt += 1) await expect(health.attempt(fails)).rejects.toThrow('no');
  const refused = await health.attempt(fails).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(AttemptRefused);
  const retryAtMs = refused instanceof AttemptRefused ? refused.retryAtMs : 0;
  vi.setSystemTime(retryAtMs + 1);
  expect(await health.attempt(async () => 'connected')).toBe('connected');
  await expect(health.attempt(fails)).rejects.toThrow('no');
  expect(await health.attempt(async () => 'again')).toBe('again');
});

test('delays grow, and never end before the breaker closes', async () => {
  vi.useFakeTimers();
  const health = new Health({
    failuresUntilOpen: 1,
    firstDelayMs: 10,
    firstOpenMs: 50_000,
    maxOpenMs: 90_000,
  });
  const first = health.nextDelayMs();
  expect(first).toBeLessThanOrEqual(60_000);
  await expect(health.attempt(fails)).rejects.toThrow('no');
  const refused = await health.attempt(fails).catch((error: unknown) => error);
  const openMs = refused instanceof AttemptRefused ? refused.retryAtMs - Date.now() : 0;
  expect(health.nextDelayMs()).toBeGreaterThanOrEqual(openMs);
});
