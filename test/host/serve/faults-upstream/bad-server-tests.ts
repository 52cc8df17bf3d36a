/** Every bad server at once behind one gateway: who calls one is told what it did, and a good one answers meanwhile. For any transport. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { JsonObject } from '../../../../src/json.ts';
import { fixtureEntry } from '../../../fixtures/live-host.ts';
import { peakMemoryMb } from '../../../fixtures/memory.ts';
import { processesWith } from '../../../fixtures/processes.ts';
import { BAD_SERVERS, entryOf, UNLISTED } from './bad-servers.ts';
import type { FaultClient } from './client.ts';

const MEMORY_MB = 1_200;

export function badServerTests(transport: string, open: (config: JsonObject) => Promise<FaultClient>): void {
  const mark = `faults-upstream-${transport}-${process.pid}`;
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-faults-'));
  let client: FaultClient;

  beforeAll(async () => {
    const bad = [
      ...[...BAD_SERVERS, ...UNLISTED].map((server) => [server.name, entryOf(server, '', mark)] as const),
      ...['dies-at-next-start', 'hangs-at-next-start', 'changes-tools', 'deep-list', 'deep-log'].map(
        (mode) => [mode, entryOf({ mode, amount: 3_000 }, join(folder, mode), mark)] as const,
      ),
    ];
    client = await open({ mcpServers: { good: fixtureEntry(), ...Object.fromEntries(bad) } });
    const expected = BAD_SERVERS.map(({ name }) => `${name}__act`);
    for (;;) {
      const names = await listed();
      if (expected.every((name) => names.includes(name)) && names.includes('deep-log__act')) break;
    }
  }, 60_000);

  afterAll(async () => {
    expect(peakMemoryMb(client.gatewayPid)).toBeLessThan(MEMORY_MB);
    await client[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
    expect(await processesWith(mark)).toEqual([]);
  }, 30_000);

  let ids = 0;
  const nextId = (): string => `request-${++ids}`;

  async function listed(): Promise<readonly string[]> {
    const { result } = (await client.ask(nextId(), 'tools/list')) as {
      result: { tools: { name: string }[] };
    };
    return result.tools.map(({ name }) => name);
  }

  function call(name: string): Promise<JsonObject> {
    const params = { name, arguments: {}, _meta: { progressToken: name } };
    return client.ask(nextId(), 'tools/call', params);
  }

  async function goodAnswers(): Promise<void> {
    const params = { name: 'good__add', arguments: { a: 1, b: 2 } };
    for (const ask of [client.ask, client.askBeside])
      expect(await ask(nextId(), 'tools/call', params)).toMatchObject({
        result: { structuredContent: { sum: 3 } },
      });
  }

  describe('a server that', () => {
    test.each([...BAD_SERVERS, ...UNLISTED])('$does', async ({ name, tool = 'act', told, as }) => {
      const called = call(`${name}__${tool}`);
      await goodAnswers();
      const answer = await called;
      expect(JSON.stringify(answer)).toContain(told);
      expect('error' in answer).toBe(as === 'protocol-error');
      expect((answer['result'] as JsonObject | undefined)?.['isError'] === true).toBe(as === 'tool-error');
      await goodAnswers();
    });

    test('has a tool twice is listed with the first of the two', async () => {
      expect((await listed()).filter((name) => name.startsWith('twice__')).sort()).toEqual([
        'twice__act',
        'twice__echo',
      ]);
    });

    test('changes its tools in mid-call answers that call, and is listed anew', async () => {
      expect(JSON.stringify(await call('changes-tools__act'))).toContain('"text":"changed"');
      for (;;) {
        const names = await listed();
        if (names.includes('changes-tools__fresh') && !names.includes('changes-tools__act')) break;
      }
      expect(await call('changes-tools__act')).toMatchObject({ error: { code: -32602 } });
      expect(JSON.stringify(await call('changes-tools__fresh'))).toContain('"text":"changed"');
    });

    test('has definitions without a floor is listed without them', async () => {
      const names = await listed();
      expect(names.filter((name) => name.startsWith('deep-list__')).sort()).toEqual([
        'deep-list__act',
        'deep-list__echo',
      ]);
      expect(JSON.stringify(await call('deep-log__act'))).toContain('"text":"logged"');
    });

    test('does not start a second time is refused, with why, and soon without an attempt', async () => {
      const name = 'dies-at-next-start__act';
      expect(JSON.stringify(await call(name))).toContain('Outcome unknown');
      let text = '';
      for (let attempt = 0; attempt < 4; attempt += 1) {
        text = JSON.stringify(await call(name));
        expect(text).toContain('exited with code 7');
        expect(text).toContain('cannot start a second time');
        await goodAnswers();
      }
      expect(text).toContain('Several attempts to connect failed; the next is made in');
    });

    test('hangs at its second start holds up its own calls alone', async () => {
      const name = 'hangs-at-next-start__act';
      expect(JSON.stringify(await call(name))).toContain('Outcome unknown');
      void call(name).catch(() => undefined);
      await goodAnswers();
      await goodAnswers();
    });
  });

  test('what is left of servers that ended in mid-call is gone', async () => {
    const all = async (): Promise<readonly number[]> => processesWith(mark, 'SIGHUP');
    let left: readonly number[] = [];
    for (;;) {
      left = await all();
      // The grandchild of the one that still runs.
      if (left.length <= 1) break;
    }
    expect(left.length).toBeLessThanOrEqual(1);
  });
}
