/** Several clients before one gateway: what they share, and what is each one's own. */
import { join } from 'node:path';

import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { JsonObject } from '../../../src/json.ts';
import type { ClientEra } from '../../fixtures/gateway.ts';
import {
  connectHttp,
  type HttpClient,
  httpGateway,
  type HttpGateway,
  openSession,
} from '../../fixtures/http-gateway.ts';
import { processesWith } from '../../fixtures/processes.ts';

let gateway: HttpGateway;

function server(mark: string, more: JsonObject = {}): JsonObject {
  const file = join(import.meta.dirname, '../../fixtures/mcp/pushing.ts');
  return { command: process.execPath, args: [file, mark], ...more };
}

/** Marks are in the command lines of the processes. */
const MARK = `sharing-${process.pid}`;
const SHARED = `${MARK}-shared`;
const OWN = `${MARK}-own`;

beforeAll(async () => {
  gateway = await httpGateway({
    mcpServers: { push: server(SHARED), own: server(OWN, { isolation: 'session' }) },
  });
  await using first = await connectHttp(gateway, 'legacy');
  await first.client.listTools();
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  expect(await processesWith(MARK)).toEqual([]);
});

const textOf = (result: unknown): string =>
  ((result as { content?: { text: string }[] }).content ?? []).map(({ text }) => text).join('\n');

class Person implements AsyncDisposable {
  readonly asked: unknown[] = [];
  readonly name: string;
  #connected: HttpClient | undefined;

  constructor(name: string) {
    this.name = name;
  }

  async connect(era: ClientEra): Promise<this> {
    this.#connected = await connectHttp(gateway, era, {
      name: this.name,
      capabilities: { elicitation: { form: {} } },
      prepare: (client: Client) => {
        client.setRequestHandler('elicitation/create', ({ params }) => {
          this.asked.push(params.message);
          return { action: 'accept' as const, content: { tag: this.name } };
        });
      },
    });
    await this.#connected.client.listTools();
    return this;
  }

  async call(name: string): Promise<string> {
    return textOf(await this.#connected?.client.callTool({ name, arguments: { tag: this.name } }));
  }

  /** Ends its session, where it has one. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connected?.transport.terminateSession();
    await this.#connected?.[Symbol.asyncDispose]();
  }
}

const people = (): Promise<Person[]> =>
  Promise.all([
    new Person('ada').connect('legacy'),
    new Person('ben').connect('legacy'),
    new Person('eve').connect('modern'),
    new Person('joe').connect('modern'),
    // Another window of the same program: nothing but the request tells the two apart.
    new Person('joe').connect('modern'),
  ]);

test('what one process asks on behalf of five clients at once is asked of each of them, and of nobody else', async () => {
  const all = await people();
  await all[0]?.call('push__ask');
  const rounds = 5;
  const answers = await Promise.all(
    all.map(async (person) => {
      const texts: string[] = [];
      for (let round = 0; round < rounds; round += 1) texts.push(await person.call('push__ask'));
      return texts;
    }),
  );
  for (const [index, person] of all.entries()) {
    expect(new Set(person.asked)).toEqual(new Set([person.name]));
    expect(answers[index]).toEqual(
      Array<string>(rounds).fill(JSON.stringify({ action: 'accept', content: { tag: person.name } })),
    );
  }
  expect(await processesWith(SHARED)).toHaveLength(1);
  for (const person of all) await person[Symbol.asyncDispose]();
});

test('of a server that is not shared each session has a process, which ends with it', async () => {
  const all = await people();
  const calls = await Promise.all(
    all.map(async (person) => [person, await person.call('own__plain')] as const),
  );
  for (const [person, text] of calls) expect(text).toBe(`plain ${person.name}`);
  // Two sessions, and two names of clients that have none.
  expect(await processesWith(OWN)).toHaveLength(4);
  const [ada, ben] = all;
  const received = (await ada?.call('own__received'))?.split('\n') ?? [];
  expect(received.filter((line) => line.startsWith('tools/call'))).toEqual([
    'tools/call plain',
    'tools/call received',
  ]);
  await ada?.[Symbol.asyncDispose]();
  let left: readonly number[] = [];
  for (;;) {
    left = await processesWith(OWN);
    if (left.length === 3) break;
  }
  expect(await ben?.call('own__plain')).toBe('plain ben');
  for (const person of all.slice(1)) await person[Symbol.asyncDispose]();
});

test('sessions that come and go, or only come, start no process of a shared server', async () => {
  const before = await processesWith(SHARED);
  const params = { name: 'push__plain', arguments: {} };
  for (let count = 0; count < 100; count += 1) {
    const session = await openSession(gateway);
    const answer = await session.ask(1, 'tools/call', params);
    expect(await answer.text()).toContain('plain');
    if (count % 2 === 0) await fetch(gateway.url, { method: 'DELETE', headers: session.headers });
  }
  expect(await processesWith(SHARED)).toEqual(before);
});
