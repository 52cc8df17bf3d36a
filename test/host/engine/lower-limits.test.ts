import { expect, test } from 'vitest';

import { lowerLimits } from '../../../src/host/engine/lower-limits.ts';

test('of each limit the lower one counts, and one that only one side has', () => {
  const configured = { maxTurns: 25, timeoutMs: 600_000 };
  expect(lowerLimits(configured, { maxTurns: 99, timeoutMs: 1_000, maxUsd: 0.5 })).toEqual({
    maxTurns: 25,
    timeoutMs: 1_000,
    maxUsd: 0.5,
  });
  expect(lowerLimits(configured, {})).toEqual(configured);
});
