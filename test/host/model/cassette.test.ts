import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { cassette, type CassetteOptions } from '../../../src/index.ts';
import type { Model } from '../../../src/host/model/model.ts';
import type { StoredEvent } from '../../../src/host/event.ts';
import { agentTools } from '../../fixtures/agent-tools.ts';
import { switchyard } from '../../fixtures/command-line.ts';
import { type ModelReply, startModelServer } from '../../fixtures/model/model-server.ts';
import { eventsOf, openTestHost } from '../../fixtures/open-host.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { ask, readAnswer } from './read-answer.ts';
import { WIRES } from './wire-models.ts';

const WRITER = join(import.meta.dirname, '../../fixtures/model/cassette-writer.ts');
const NOWHERE = { url: 'http://127.0.0.1:9', openaiUrl: 'http://127.0.0.1:9/v1' };
const [anthropic] = WIRES;
if (anthropic === undefined) throw new Error('no wire');

const counting = () => startModelServer({ script: (_, n) => ({ type: 'answer', text: `Answer ${n + 1}.` }) });
const linesOf = (file: string): string[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : [];

/** The words of the answers to these questions, one after the other. */
async function wordsOf(model: Model, ...questions: readonly string[]): Promise<string[]> {
  const words: string[] = [];
  for (const question of questions) {
    const { text, failure } = await readAnswer(model, ask(question));
    words.push(failure?.code ?? text);
  }
  return words;
}

test.each(WIRES)(
  'what was recorded on the wire of $wire is replayed as it streamed, without a server',
  async ({ model }) => {
    await using folder = await temporaryFolder('cassette');
    const file = join(folder.path, 'new', 'folder', 'tape.jsonl');
    await using server = await startModelServer({
      script: () => ({
        type: 'answer',
        thinking: 'Let me see.',
        text: 'I look at two pages.',
        toolCalls: [{ name: 'fetch', arguments: { url: 'http://example.org/' } }],
        usage: { inputTokens: 11, outputTokens: 22, cacheReadTokens: 33 },
      }),
    });
    const recorded = await readAnswer(cassette(model(server), file, { mode: 'record' }));
    const replayed = await readAnswer(cassette(model(NOWHERE), file, { mode: 'replay' }));
    expect(replayed.events).toEqual(recorded.events);
    expect(replayed.events.filter(({ type }) => type === 'text-delta').length).toBeGreaterThan(0);
    expect(server.requests).toHaveLength(1);
    expect(linesOf(file)).toHaveLength(1);
  },
);

test('a request that is not there is a failure that says what differs, and asks nobody', async () => {
  await using folder = await temporaryFolder('cassette');
  const file = join(folder.path, 'tape.jsonl');
  await using server = await counting();
  await wordsOf(
    cassette(anthropic.model(server), file, { mode: 'record' }),
    'How old is an oak?',
    'And an elm?',
  );
  const replaying = cassette(anthropic.model(server), file, { mode: 'replay' });
  const { failure } = await readAnswer(replaying, ask('And an ash?'));
  expect(failure).toMatchObject({ code: 'not-recorded', retryable: false });
  expect(failure?.message).toContain(
    'line 2, which differs at messages[0].content[0]: recorded "And an elm?", asked "And an ash?"',
  );
  const tools = [{ name: 'now', description: 'The time', inputSchema: { type: 'object' } }];
  const other = await readAnswer(replaying, ask('And an elm?', { tools }));
  expect(other.failure?.message).toMatch(
    /line 2, which differs at tools\[0\]: recorded nothing, asked \{"name":"now"/,
  );
  const absent = await readAnswer(
    cassette(anthropic.model(server), join(folder.path, 'none'), { mode: 'replay' }),
  );
  expect(absent.failure?.message).toContain('It is empty, or is not there.');
  expect(server.requests).toHaveLength(2);
});

test('the same request asked again gets its answers in order, and then none', async () => {
  await using folder = await temporaryFolder('cassette');
  const file = join(folder.path, 'tape.jsonl');
  await using server = await counting();
  await wordsOf(cassette(anthropic.model(server), file, { mode: 'record' }), 'Again?', 'Again?');
  const replaying = cassette(anthropic.model(NOWHERE), file, { mode: 'replay' });
  expect(await wordsOf(replaying, 'Again?', 'Again?', 'Again?')).toEqual([
    'Answer 1.',
    'Answer 2.',
    'not-recorded',
  ]);
});

test('auto asks for what is not there and keeps it; record takes the place of what was there', async () => {
  await using folder = await temporaryFolder('cassette');
  const file = join(folder.path, 'tape.jsonl');
  await using server = await counting();
  const open = (options: CassetteOptions = {}) => cassette(anthropic.model(server), file, options);
  expect(await wordsOf(open(), 'One', 'Two')).toEqual(['Answer 1.', 'Answer 2.']);
  expect(await wordsOf(open(), 'Two', 'One', 'Three')).toEqual(['Answer 2.', 'Answer 1.', 'Answer 3.']);
  expect(await wordsOf(open({ mode: 'record' }), 'Two', 'Two')).toEqual(['Answer 4.', 'Answer 5.']);
  expect(await wordsOf(open({ mode: 'replay' }), 'One', 'Two', 'Two', 'Three')).toEqual([
    'Answer 1.',
    'Answer 4.',
    'Answer 5.',
    'Answer 3.',
  ]);
  expect(linesOf(file)).toHaveLength(4);
});

test('what differs from run to run is no difference, and more can be named', async () => {
  await using folder = await temporaryFolder('cassette');
  const file = join(folder.path, 'tape.jsonl');
  await using server = await counting();
  const normalise = (text: string): string => text.replaceAll(/build \d+/g, 'build <number>');
  const question = (day: string, id: string, port: number, build: number): string =>
    `Today is ${day}. See switchyard://results/${id.repeat(32)} and http://127.0.0.1:${port}/x of build ${build}.`;
  await wordsOf(
    cassette(anthropic.model(server), file, { mode: 'record', normalise }),
    question('2026-11-27', 'a', 4711, 1),
  );
  const replaying = cassette(anthropic.model(NOWHERE), file, { mode: 'replay', normalise });
  expect(await wordsOf(replaying, question('2027-01-01T10:00:00Z', 'b', 52_000, 2))).toEqual(['Answer 1.']);
});

test('a failure and a broken answer are not recorded; what came after them is', async () => {
  await using folder = await temporaryFolder('cassette');
  const file = join(folder.path, 'tape.jsonl');
  const replies: ModelReply[] = [
    { type: 'failure', status: 400, message: 'no' },
    { type: 'answer', text: 'Half an', interrupt: { after: 5, by: 'reset' } },
    { type: 'answer', text: 'A whole answer.' },
  ];
  await using server = await startModelServer({ script: (_, n) => replies[n] ?? { type: 'silence' } });
  const recording = cassette(anthropic.model(server), file, { mode: 'auto' });
  expect(await wordsOf(recording, 'One', 'One', 'One')).toEqual([
    'invalid-request',
    'connection',
    'A whole answer.',
  ]);
  const replayed = await readAnswer(cassette(anthropic.model(NOWHERE), file, { mode: 'replay' }), ask('One'));
  expect(replayed.text).toBe('A whole answer.');
  expect(linesOf(file)).toHaveLength(1);
});

test('no secret is in the file: not of a request, not of an answer, not across deltas', async () => {
  await using folder = await temporaryFolder('cassette');
  const file = join(folder.path, 'tape.jsonl');
  const password = 'correct horse battery';
  const token = 'ghp_0123456789abcdefghijABCDEFGHIJ012345';
  await using server = await startModelServer({
    script: () => ({
      type: 'answer',
      text: `The password is ${password}, I say.`,
      toolCalls: [{ name: 'login', arguments: { token } }],
    }),
  });
  const options = { mode: 'record', secrets: [password] } as const;
  await readAnswer(cassette(anthropic.model(server), file, options), ask(`Is it ${password} or ${token}?`));
  const text = await readFile(file, 'utf8');
  expect(text).not.toMatch(/horse|0123456789abcdefghij|sk-test/);
  const replayed = await readAnswer(
    cassette(anthropic.model(NOWHERE), file, { ...options, mode: 'replay' }),
    ask(`Is it ${password} or ${token}?`),
  );
  expect(replayed.text).toMatch(/^The password is \S+, I say\.$/);
});

test.each([
  ['half a line', '{"key":"a","model"', /tape\.jsonl:2 is no recording: .*JSON/],
  ['a line of another shape', '{"key":"a"}', /tape\.jsonl:2 is no recording: .*model/],
  [
    'an answer without an end',
    '{"key":"a","model":"m","session":"s","limits":{"maxTools":1},"request":{},"answer":[{"type":"text-delta","text":"a"}]}',
    /tape\.jsonl:2 is no recording: its answer ends with 'text-delta'/,
  ],
])('%s is an error that names the line', async (_, line, message) => {
  await using folder = await temporaryFolder('cassette');
  const file = join(folder.path, 'tape.jsonl');
  await using server = await counting();
  await wordsOf(cassette(anthropic.model(server), file), 'One');
  await appendFile(file, `${line}\n`);
  expect(() => cassette(anthropic.model(server), file, { mode: 'replay' })).toThrow(message);
});

test('a cassette that breaks while it is played fails the request', async () => {
  await using folder = await temporaryFolder('cassette');
  const file = join(folder.path, 'tape.jsonl');
  await using server = await counting();
  const playing = cassette(anthropic.model(server), file);
  await wordsOf(playing, 'One');
  await writeFile(file, 'nonsense\n');
  const { failure } = await readAnswer(playing, ask('Two'));
  expect(failure).toMatchObject({ code: 'not-recorded', message: expect.stringContaining('tape.jsonl:1') });
});

test('a file that cannot be written fails the request, and a request that is cancelled is no answer', async () => {
  await using folder = await temporaryFolder('cassette');
  const file = join(folder.path, 'is-a-folder');
  await mkdir(file);
  await using server = await counting();
  const { failure } = await readAnswer(cassette(anthropic.model(server), file, { mode: 'record' }));
  expect(failure).toMatchObject({ code: 'not-recorded' });
  const tape = join(folder.path, 'tape.jsonl');
  await wordsOf(cassette(anthropic.model(server), tape), 'One');
  const replaying = cassette(anthropic.model(NOWHERE), tape, { mode: 'replay' });
  expect((await readAnswer(replaying, ask('One'), AbortSignal.abort())).failure?.code).toBe('cancelled');
  expect(await wordsOf(replaying, 'One')).toEqual(['Answer 2.']);
});

test('several processes record to one file, and one that is killed leaves it whole', async () => {
  await using folder = await temporaryFolder('cassette');
  const file = join(folder.path, 'tape.jsonl');
  await using server = await counting();
  const write = (name: string, count: number) =>
    spawn(process.execPath, ['--no-warnings', WRITER, server.url, file, name, String(count)], {
      stdio: 'ignore',
    });
  const killed = write('killed', 1_000);
  const whole = ['a', 'b'].map((name) => once(write(name, 8), 'close'));
  await expect
    .poll(() => linesOf(file).some((line) => line.includes('killed')), { timeout: 30_000 })
    .toBe(true);
  killed.kill('SIGKILL');
  await Promise.all([once(killed, 'close'), ...whole]);
  const replaying = cassette(anthropic.model(NOWHERE), file, { mode: 'replay' });
  for (const name of ['a', 'b'])
    for (let number = 0; number < 8; number += 1)
      expect((await wordsOf(replaying, `question ${number} of ${name}`))[0]).toMatch(/^Answer \d+\.$/);
}, 60_000);

test('a whole run with tools is replayed on a machine without a key, and so is the command line', async () => {
  await using folder = await temporaryFolder('cassette');
  const file = join(folder.path, 'tape.jsonl');
  const script = (_request: unknown, n: number): ModelReply =>
    n === 0
      ? {
          type: 'answer',
          text: 'I look.',
          toolCalls: [{ name: 'tools__weather', arguments: { city: 'Bonn' } }],
        }
      : { type: 'answer', text: 'It is 21 degrees.' };
  const runWith = async (options: Partial<Parameters<typeof openTestHost>[0]>) => {
    await using opened = await openTestHost({ script, servers: [agentTools()], ...options });
    await opened.host.registry.ready();
    const handle = await opened.host.ask('How warm is it in Bonn?');
    const events = (await eventsOf(handle)).filter((event): event is StoredEvent => 'number' in event);
    const outcome = await handle.result;
    return { outcome, types: events.map(({ type }) => type), asked: opened.model.requests.length };
  };
  const recorded = await runWith({ cassette: { file, mode: 'record' } });
  expect(recorded).toMatchObject({ outcome: { type: 'done' }, asked: 2 });
  const replayed = await runWith({ cassette: { file, mode: 'replay' }, models: {} });
  expect(replayed).toMatchObject({
    outcome: { type: 'done', output: { text: 'It is 21 degrees.' } },
    asked: 0,
  });
  expect(replayed.types).toEqual(recorded.types);

  await using server = await counting();
  const config = join(folder.path, 'config.json');
  const candidate = { model: 'anthropic/scripted', baseUrl: server.url };
  await writeFile(config, JSON.stringify({ models: { default: { ...candidate, apiKey: 'none' } } }));
  const run = (mode: string) =>
    switchyard(['run', '--config', config, 'How old is an oak?'], {
      cwd: folder.path,
      home: folder.path,
      env: { SWITCHYARD_CASSETTE: 'run.jsonl', SWITCHYARD_CASSETTE_MODE: mode },
    });
  const missed = await run('replay');
  expect(missed).toMatchObject({ code: 1, stderr: expect.stringContaining('run.jsonl holds no answer') });
  expect(await run('record')).toMatchObject({ code: 0, stdout: 'Answer 1.\n' });
  await writeFile(config, JSON.stringify({ models: { default: candidate } }));
  const played = await run('replay');
  expect(played).toMatchObject({ code: 0, stdout: 'Answer 1.\n' });
  expect(played.stderr).toMatch(/Answers are replayed from .*run\.jsonl/);
  expect(played.stderr).toMatch(/\n1 turn, 0 tool calls, tokens 100 → 20, /);
  expect(await run('rewind')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('record, replay or auto'),
  });
  expect(server.requests).toHaveLength(1);
}, 60_000);
