import { describe, expect, test } from 'vitest';

import { LatencyBook } from '../../../../src/host/model/routing/latency-book.ts';
import { measured } from '../../../../src/host/model/routing/measured.ts';
import { openaiModel } from '../../../../src/host/model/openai.ts';
import { startModelServer } from '../../../fixtures/model/model-server.ts';
import { readAnswer } from '../read-answer.ts';

const MINUTE_MS = 60_000;

describe('measured times', () => {
  test('a model that has not answered has none', () => {
    expect(new LatencyBook().of('a/b')).toBeUndefined();
  });

  test('a measure of ten minutes ago counts half of one of this moment, and one of a day ago hardly', () => {
    let nowMs = 0;
    const book = new LatencyBook(() => nowMs);
    book.record('a/b', { firstTokenMs: 900, msPerToken: 30 });
    nowMs = 10 * MINUTE_MS;
    book.record('a/b', { firstTokenMs: 300 });
    expect(book.of('a/b')).toEqual({ firstTokenMs: 500, msPerToken: 30 });
    nowMs += 24 * 60 * MINUTE_MS;
    book.record('a/b', { firstTokenMs: 100, msPerToken: 10 });
    expect(book.of('a/b')?.firstTokenMs).toBeCloseTo(100, 5);
    expect(book.of('a/b')?.msPerToken).toBeCloseTo(10, 5);
  });

  test('are those of the answer on the wire; a failure leaves none, and a short answer no time for each token', async () => {
    await using server = await startModelServer({
      script: (_, n) =>
        n === 0
          ? { type: 'failure', status: 400 }
          : { type: 'answer', text: 'one two three', delayMs: 5, usage: { outputTokens: n === 1 ? 3 : 30 } },
    });
    const book = new LatencyBook();
    const limits = { maxTools: 8 };
    const common = { name: 'm', provider: 'acme', baseUrl: server.openaiUrl, limits, keySource: 'nowhere' };
    const model = measured(openaiModel(common), book);
    await readAnswer(model);
    expect(book.of('acme/m')).toBeUndefined();
    await readAnswer(model);
    expect(book.of('acme/m')?.firstTokenMs).toBeGreaterThan(0);
    expect(book.of('acme/m')?.msPerToken).toBe(0);
    await readAnswer(model);
    expect(book.of('acme/m')?.msPerToken).toBeGreaterThan(0);
  });
});
