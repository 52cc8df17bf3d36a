import { join } from 'node:path';

import { expect, test } from 'vitest';

import { openTokenCounter } from '../../src/embedding/index.ts';
import { requireEmbedder } from '../fixtures/embedder.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const TEXT = `Switchyard is an MCP orchestration host. It keeps a registry, runs agent work, and survives crashes;
exit code 3 means "stopped by a limit" (see maxTurns, --max-usd and retrieval__search).`;

test('without a tokenizer the count is an estimate that rather exceeds the truth', async () => {
  await using folder = await temporaryFolder('tokens');
  const estimate = await openTokenCounter(join(folder.path, 'nothing'));
  const exact = await openTokenCounter(requireEmbedder());
  expect(estimate.exact).toBe(false);
  expect(exact.exact).toBe(true);
  expect(estimate.count(TEXT)).toBeGreaterThanOrEqual(exact.count(TEXT) * 0.9);
  expect(estimate.count(TEXT)).toBeLessThan(exact.count(TEXT) * 1.6);
  expect(estimate.count('')).toBe(0);
});

test('pieces cut at white space have the count of the whole together', async () => {
  const counter = await openTokenCounter(requireEmbedder());
  const pieces = TEXT.split(/\s+/);
  expect(pieces.reduce((sum, piece) => sum + counter.count(piece), 0)).toBe(counter.count(TEXT));
  expect(counter.count('Hello world')).toBe(2);
});
