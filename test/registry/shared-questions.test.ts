/** What a server of the 2025 era asks while calls of several clients are open: it reaches the one concerned, or nobody. */
import { describe, expect, test } from 'vitest';

import type { RemoteDefinition, StdioDefinition } from '../../src/config/server-definition.ts';
import { jsonText } from '../../src/json.ts';
import type { CallOptions, CallOutcome, Registry } from '../../src/registry/contract.ts';
import { openRegistry } from '../../src/registry/index.ts';
import { Bench, httpServer, stdioServer, textOf, until } from './fixture.ts';

const server = stdioServer('push', 'pushing');

/** A client that answers each question with its own name, and keeps what it was asked. */
class Person {
  readonly asked: string[] = [];
  readonly sent: string[] = [];
  readonly #registry: Registry;
  readonly #name: string;
  /** What the person does before they answer. */
  before: () => Promise<unknown> = async () => undefined;

  constructor(registry: Registry, name: string) {
    this.#registry = registry;
    this.#name = name;
  }

  call(tool: string, options: CallOptions = {}): Promise<CallOutcome> {
    const name = `push__${tool}`;
    return this.#registry.call(
      name,
      { tag: this.#name },
      {
        client: { session: this.#name },
        onSend: () => void this.sent.push(tool),
        onInput: async ({ method, params }) => {
          this.asked.push(method === 'roots/list' ? method : jsonText(params['message']));
          await this.before();
          if (method === 'roots/list') return { roots: [{ uri: `file:///${this.#name}` }] };
          return { action: 'accept', content: { tag: this.#name } };
        },
        ...options,
      },
    );
  }
}

const resultOf = (outcome: CallOutcome): string =>
  outcome.type === 'complete' ? textOf(outcome.result) : `${outcome.type}: ${JSON.stringify(outcome)}`;
const ACCEPTED = '"action":"accept"';
const DECLINED = '{"action":"decline"}';

async function opened(
  bench: Bench,
  definition: StdioDefinition | RemoteDefinition = server,
): Promise<{ registry: Registry; ada: Person; ben: Person }> {
  const registry = await openRegistry(bench.options([definition]));
  await registry.ready();
  return { registry, ada: new Person(registry, 'ada'), ben: new Person(registry, 'ben') };
}

test('of two questions at once, when it was not known that the server asks, none goes to the wrong client', async () => {
  await using bench = new Bench();
  const { registry, ada, ben } = await opened(bench);
  await using _closing = registry;
  const results = (await Promise.all([ada.call('ask_together'), ben.call('ask_together')])).map(resultOf);
  expect(ada.asked.filter((message) => message !== 'ada')).toEqual([]);
  expect(ben.asked.filter((message) => message !== 'ben')).toEqual([]);
  // One had to be declined, for nothing told whose it was; then the other one's owner was the only one left.
  expect(results.filter((text) => text === DECLINED)).toHaveLength(1);
  expect(results.filter((text) => text.includes(ACCEPTED))).toHaveLength(1);
  expect(bench.events('question-of-no-call')).toMatchObject([
    { level: 'warn', server: 'push', fields: { method: 'elicitation/create', callers: 2 } },
  ]);
});

test('a question waits for the calls of others to end where that tells whose it is', async () => {
  await using bench = new Bench();
  const { registry, ada, ben } = await opened(bench);
  await using _closing = registry;
  const held = ben.call('hold');
  await until(() => ben.sent.length === 1, 'the other call is open');
  expect(resultOf(await ada.call('ask_and_release'))).toContain('"tag":"ada"');
  expect(resultOf(await held)).toBe('held');
  expect([ada.asked, ben.asked]).toEqual([['ada'], []]);
});

test('calls of several clients run side by side while the server asks nothing', async () => {
  await using bench = new Bench();
  const { registry, ada, ben } = await opened(bench);
  await using _closing = registry;
  const held = ada.call('hold');
  expect(resultOf(await ben.call('plain'))).toBe('plain ben');
  expect(resultOf(await ben.call('release'))).toBe('released');
  expect(resultOf(await held)).toBe('held');
});

describe('of a server that has asked', () => {
  test('clients have their turns, and each is asked what is its own', async () => {
    await using bench = new Bench();
    const { registry, ada, ben } = await opened(bench);
    await using _closing = registry;
    await ada.call('ask');
    ada.before = async () => {
      ada.before = async () => undefined;
      // Its own calls go on meanwhile: the answer may take them.
      expect(resultOf(await ada.call('plain'))).toBe('plain ada');
      expect(ben.sent).toEqual([]);
    };
    const results = await Promise.all([ada.call('ask'), ben.call('ask'), ben.call('plain'), ada.call('ask')]);
    expect(results.map(resultOf)).toEqual([
      expect.stringContaining('"tag":"ada"'),
      expect.stringContaining('"tag":"ben"'),
      'plain ben',
      expect.stringContaining('"tag":"ada"'),
    ]);
    expect([ada.asked, ben.asked]).toEqual([['ada', 'ada', 'ada'], ['ben']]);
    expect(bench.events('question-of-no-call')).toEqual([]);
  });

  test('that is known at the next start', async () => {
    await using bench = new Bench();
    {
      const { registry, ada } = await opened(bench);
      await using _closing = registry;
      await ada.call('ask');
    }
    const { registry, ada, ben } = await opened(bench);
    await using _closing = registry;
    const held = ada.call('hold');
    await until(() => ada.sent.length === 1, 'the first call is open');
    const waiting = ben.call('plain', { timeoutMs: 50 });
    expect(await waiting).toMatchObject({ type: 'tool-error', code: 'server-busy' });
    expect(ben.sent).toEqual([]);
    await ada.call('release');
    expect(resultOf(await held)).toBe('held');
    expect(resultOf(await ben.call('plain'))).toBe('plain ben');
  });

  test('a call that is cancelled gives way when the server has read of it', async () => {
    await using bench = new Bench();
    const { registry, ada, ben } = await opened(bench);
    await using _closing = registry;
    await ada.call('ask');
    const cancel = new AbortController();
    const held = ada.call('hold', { signal: cancel.signal });
    await until(() => ada.sent.includes('hold'), 'the call is open');
    const next = ben.call('received');
    cancel.abort();
    expect(await held).toMatchObject({ type: 'uncertain', cause: 'cancelled' });
    const received = resultOf(await next).split('\n');
    expect(received.slice(-3)).toEqual(['notifications/cancelled', 'ping', 'tools/call received']);
  });

  test('who waits for a turn may give up, and nothing is sent', async () => {
    await using bench = new Bench();
    const { registry, ada, ben } = await opened(bench);
    await using _closing = registry;
    await ada.call('ask');
    const held = ada.call('hold');
    await until(() => ada.sent.includes('hold'), 'the call is open');
    const cancel = new AbortController();
    const waiting = ben.call('plain', { signal: cancel.signal });
    cancel.abort();
    expect(await waiting).toMatchObject({ type: 'tool-error', code: 'cancelled' });
    expect(ben.sent).toEqual([]);
    await ada.call('release');
    await held;
  });

  test('who waits for a turn is told when the connection ends', async () => {
    await using bench = new Bench();
    const { registry, ada, ben } = await opened(bench);
    await ada.call('ask');
    const held = ada.call('hold');
    await until(() => ada.sent.includes('hold'), 'the call is open');
    const waiting = ben.call('plain');
    await registry[Symbol.asyncDispose]();
    expect(await waiting).toMatchObject({ type: 'tool-error', code: 'server-unavailable' });
    expect(await held).toMatchObject({ type: 'uncertain', cause: 'cancelled' });
  });
});

test('a server that asks for roots once is not one that asks', async () => {
  await using bench = new Bench();
  const { registry, ada, ben } = await opened(bench);
  await using _closing = registry;
  expect(resultOf(await ada.call('roots'))).toContain('file:///ada');
  const held = ada.call('hold');
  expect(resultOf(await ben.call('plain'))).toBe('plain ben');
  await ben.call('release');
  await held;
  // What it asks again is for a call.
  expect(resultOf(await ben.call('roots'))).toContain('file:///ben');
  expect(bench.events('server-asks')).toHaveLength(1);
});

test('over HTTP a question on the stream of its call needs no turns', async () => {
  await using bench = new Bench();
  const { line } = await bench.start('pushing', ['--http']);
  const { registry, ada, ben } = await opened(bench, httpServer('push', line));
  await using _closing = registry;
  const held = ada.call('hold');
  const results = (await Promise.all([ada.call('ask_together'), ben.call('ask_together')])).map(resultOf);
  expect(results).toEqual([expect.stringContaining('"tag":"ada"'), expect.stringContaining('"tag":"ben"')]);
  expect([ada.asked, ben.asked]).toEqual([['ada'], ['ben']]);
  await ben.call('release');
  await held;
  expect(bench.events('server-asks')).toEqual([]);
});

test('over HTTP a question on the stream of no call is treated as over stdio', async () => {
  await using bench = new Bench();
  const { line } = await bench.start('pushing', ['--http-get']);
  const { registry, ada, ben } = await opened(bench, httpServer('push', line));
  await using _closing = registry;
  expect(resultOf(await ada.call('ask'))).toContain('"tag":"ada"');
  const results = (await Promise.all([ada.call('ask'), ben.call('ask')])).map(resultOf);
  expect(results).toEqual([expect.stringContaining('"tag":"ada"'), expect.stringContaining('"tag":"ben"')]);
  expect([ada.asked, ben.asked]).toEqual([['ada', 'ada'], ['ben']]);
});
