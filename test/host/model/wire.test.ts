/**
 * Recorded provider streams, replayed by a loopback server through the real SDKs and our model layer, against a reader
 * of the raw file that shares nothing with it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { anthropicModel } from '../../../src/host/model/anthropic.ts';
import type { AssistantPart } from '../../../src/host/model/model.ts';
import { openaiModel } from '../../../src/host/model/openai.ts';
import { startModelServer } from '../../fixtures/model/model-server.ts';
import { dataFolder, wireReply } from '../../fixtures/model/wire-file.ts';
import { type ReadAnswer, readAnswer } from './read-answer.ts';
import { type RawSum, sumAnthropic, sumChat } from './wire-reader.ts';

const data = dataFolder();
const BROKEN = ['duplicate-message-start.chunks.txt', 'spliced-message-start.chunks.txt'];

function recordings(folder: string, pattern: RegExp): string[] {
  if (data === undefined) return [];
  const names = readdirSync(join(data, 'wire', folder)).filter((name) => pattern.test(name));
  return names.map((name) => join(folder, name));
}

const read = (file: string): string => readFileSync(join(data ?? '', 'wire', file), 'utf8');

async function replay(wire: 'anthropic' | 'openai', text: string): Promise<ReadAnswer> {
  await using server = await startModelServer({ script: () => wireReply(text, wire) });
  const model =
    wire === 'anthropic'
      ? anthropicModel({ name: 'recorded', apiKey: 'sk-test', baseUrl: server.url })
      : openaiModel({ provider: 'recorded', name: 'recorded', apiKey: 'sk-test', baseUrl: server.openaiUrl });
  return await readAnswer(model);
}

function seen({ text, thinking, end, events }: ReadAnswer): RawSum {
  const content: readonly AssistantPart[] = end?.message.content ?? [];
  const join = (type: 'text' | 'thinking') =>
    content.map((part) => (part.type === type ? part.text : '')).join('');
  // What streamed and what the message holds are the same words.
  expect(join('text')).toBe(text);
  expect(join('thinking')).toBe(thinking);
  const calls = content.filter((part) => part.type === 'tool-call');
  const started = events.filter((event) => event.type === 'tool-input-start');
  expect(started.map(({ callId, name }) => ({ callId, name }))).toEqual(
    calls.map(({ callId, name }) => ({ callId, name })),
  );
  return {
    text,
    thinking,
    calls: calls.map(({ callId, name, arguments: args }) => ({ callId, name, arguments: args })),
    stopReason: end?.providerStopReason ?? null,
    usage: end?.usage,
  };
}

describe.skipIf(data === undefined)(
  'recorded streams (skipped without BENCH_DATA or shared/data beside the checkout)',
  () => {
    const anthropic = recordings('anthropic', /\.chunks\.txt$/);
    const chat = [
      ...recordings('openai', /^chat__.*\.chunks\.txt$/),
      ...recordings('openai-compatible', /\.(?:chunks\.txt|sse)$/),
      ...recordings('deepseek', /\.chunks\.txt$/),
      ...recordings('groq', /\.chunks\.txt$/),
    ];
    const messagesOf = (file: string): string[] => {
      const lines = read(file)
        .split('\n')
        .filter((line) => line.trim() !== '');
      const starts = lines.flatMap((line, index) => (line.includes('"type":"message_start"') ? [index] : []));
      return starts.map((start, index) => lines.slice(start, starts[index + 1]).join('\n'));
    };
    const broken = anthropic.filter((file) => BROKEN.some((name) => file.endsWith(name)));
    const whole = anthropic.filter((file) => !broken.includes(file));
    const several = whole.filter((file) => messagesOf(file).length > 1);
    const single = whole.filter((file) => messagesOf(file).length === 1);

    test('31 Anthropic streams (24 plain, 5 of several responses, 2 broken) and 10 chat completions are there, one more with its framing', () => {
      expect([anthropic, single, several, broken, chat].map(({ length }) => length)).toEqual([
        31, 24, 5, 2, 11,
      ]);
    });

    test.each(broken)('%s is broken on purpose and ends as an invalid answer', async (file) => {
      const { failure } = await replay('anthropic', read(file));
      expect(failure).toMatchObject({ code: 'invalid-answer', retryable: true });
    });

    test.each(several)(
      '%s holds several responses: together an invalid answer, each alone equal to the file',
      async (file) => {
        const { failure } = await replay('anthropic', read(file));
        expect(failure).toMatchObject({ code: 'invalid-answer' });
        for (const message of messagesOf(file)) {
          expect(seen(await replay('anthropic', message))).toEqual(sumAnthropic(message));
        }
      },
    );

    test.each(single)('%s equals the file', async (file) => {
      expect(seen(await replay('anthropic', read(file)))).toEqual(sumAnthropic(read(file)));
    });

    test.each(chat)('%s equals the file', async (file) => {
      expect(seen(await replay('openai', read(file)))).toEqual(sumChat(read(file)));
    });
  },
);
