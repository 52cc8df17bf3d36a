/** What becomes of a call without an answer: by why there is none, by what the tool does, by what the config says. */
import { join } from 'node:path';

import { afterEach, expect, test } from 'vitest';

import { type HeldRequest, openControl } from '../../../bench/chaos/control.ts';
import type { UncertainPolicy } from '../../../src/config/server-definition.ts';
import type { ToolCallResult } from '../../../src/host/context.ts';
import type { RegisteredWorkflow, RunHandle, RunOutcome } from '../../../src/host/engine/engine.ts';
import type { RunEvent } from '../../../src/host/event.ts';
import type { Asker, ApprovalQuestion } from '../../../src/host/tool-call/policy.ts';
import { allowAll } from '../../../src/host/tool-call/policy.ts';
import type { Json } from '../../../src/json.ts';
import { ledgerServer } from '../../fixtures/ledger-server.ts';
import { type LedgerEntry, readLedger } from '../../fixtures/mcp/ledger-entry.ts';
import { eventsOf, openTestHost, type TestHost } from '../../fixtures/open-host.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { until } from '../../registry/fixture.ts';

const TOOLS = ['read_value', 'set_value', 'charge', 'append_line'] as const;
/** A server for each, because the config says it by server. */
const SERVERS: Readonly<Record<string, UncertainPolicy | undefined>> = {
  report: 'report',
  retry: 'retry',
  wanted: 'ask',
  refused: 'ask',
  default: undefined,
};
const CALLS = Object.keys(SERVERS).flatMap((server) => TOOLS.map((tool) => ({ server, tool })));

type CallInput = { readonly server: string; readonly tool: string };

const once: RegisteredWorkflow<CallInput & Json, ToolCallResult & Json> = {
  name: 'once',
  run: async (context, { server, tool }) => {
    await context.tools.list(context);
    const request = { callId: 'call', name: `${server}__${tool}` };
    return context.tools.call(context, { ...request, arguments: { label: `${server} ${tool}`, value: 1 } });
  },
};

interface World extends AsyncDisposable {
  readonly asked: ApprovalQuestion[];
  /** Every request whose effect was made the first time: it is kept there. */
  readonly held: HeldRequest[];
  readonly ledger: () => readonly LedgerEntry[];
  open(timeoutMs?: number): Promise<TestHost>;
}

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const disposable of open.splice(0).reverse()) await disposable[Symbol.asyncDispose]();
});

async function world(): Promise<World> {
  const folder = await temporaryFolder('uncertain');
  const file = join(folder.path, 'ledger');
  const held: HeldRequest[] = [];
  const seen = new Set<string>();
  const control = await openControl(join(folder.path, 'control'), (request) => {
    const { point, label } = request;
    if (point !== 'effect' || seen.has(label)) return false;
    seen.add(label);
    held.push(request);
    return true;
  });
  const asked: ApprovalQuestion[] = [];
  const asker: Asker = {
    async ask(question) {
      asked.push(question);
      return { type: question.server === 'refused' ? 'no' : 'yes' };
    },
  };
  const made: World = {
    asked,
    held,
    ledger: () => readLedger(file),
    async open(timeoutMs = 30_000) {
      const host = await openTestHost({
        folder: folder.path,
        script: () => ({ type: 'answer', text: 'not asked' }),
        policy: allowAll('test'),
        asker,
        servers: Object.entries(SERVERS).map(([name, uncertain]) =>
          ledgerServer({
            name,
            ledger: file,
            controlSocket: control.socketPath,
            timeoutMs,
            ...(uncertain === undefined ? {} : { uncertain }),
          }),
        ),
      });
      open.push(host);
      host.host.engine.register(once);
      return host;
    },
    async [Symbol.asyncDispose]() {
      await control[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
  open.push(made);
  return made;
}

type Ended = {
  readonly server: string;
  readonly tool: string;
  readonly outcome: RunOutcome<Json>;
  readonly events: readonly RunEvent[];
};

function endsOf(runs: readonly RunHandle[]): Promise<Ended[]> {
  return Promise.all(
    runs.map(async (run) => {
      const events = await eventsOf(run);
      const outcome = await run.result;
      return { ...(run.run.input as unknown as CallInput), outcome, events };
    }),
  );
}

const EXPECTED_REPEATS: Readonly<Record<string, Readonly<Record<string, boolean>>>> = Object.fromEntries(
  Object.keys(SERVERS).map((server) => [
    server,
    {
      read_value: true,
      set_value: true,
      charge: true,
      append_line: server === 'retry' || server === 'wanted' || server === 'default',
    },
  ]),
);

function expectEnds(ends: readonly Ended[], { asked, ledger }: World, cause: string): void {
  const entries = ledger();
  const isInterrupted = cause === 'interrupted';
  for (const { server, tool, outcome, events } of ends) {
    const about = `${server} ${tool} ${cause}`;
    const repeated = EXPECTED_REPEATS[server]?.[tool];
    const of = entries.filter(({ label }) => label === `${server} ${tool}`);
    const count = (type: LedgerEntry['type']): number => of.filter((entry) => entry.type === type).length;
    expect(outcome, about).toMatchObject({
      type: 'done',
      output: { outcome: repeated ? 'complete' : 'uncertain' },
    });
    expect(count('received'), about).toBe(repeated ? 2 : 1);
    // What carries a key has its effect once.
    expect(count('effect'), about).toBe(repeated && tool !== 'charge' ? 2 : 1);
    expect(new Set(of.flatMap(({ key }) => key ?? [])).size, about).toBe(tool === 'charge' ? 1 : 0);
    // A read-only call that is interrupted is simply made when the run goes on: nothing is uncertain.
    const notices = events.filter((event) => event.type === 'notice' && event.code === 'call-repeated');
    const isTold = repeated && !(isInterrupted && tool === 'read_value');
    expect(notices, about).toMatchObject(isTold ? [{ data: { callId: 'call', cause } }] : []);
    expect(
      events.filter(({ type }) => type === 'tool-call-end'),
      about,
    ).toMatchObject([{ outcome: repeated ? 'complete' : 'uncertain' }]);
    const text = JSON.stringify(outcome);
    if (!repeated) expect(text, about).toMatch(unknownOf(`${server}__${tool}`, cause));
    const isNoted = repeated && (tool === 'append_line' || tool === 'set_value');
    if (isNoted) expect(text, about).toContain('This call was sent before, at 20');
    else expect(text, about).not.toContain('This call was sent before');
  }
  expect(asked.map(({ name }) => name).sort()).toEqual([
    'default__append_line',
    'refused__append_line',
    'wanted__append_line',
  ]);
  const [question] = asked;
  expect(question?.title).toBe('once more');
  expect(question?.reason).toMatch(/^It was sent at 20.*sent again, it may take effect twice$/);
  expect(question?.always).toBeUndefined();
}

function unknownOf(name: string, cause: string): RegExp {
  return new RegExp(
    `Outcome unknown: ${name} was sent at 20[^ ]+Z, no answer was recorded \\(${cause}: .*Check before repeating it\\.`,
  );
}

test('a connection that is lost in a call', async () => {
  const here = await world();
  const { host } = await here.open();
  const runs = CALLS.map((call) => host.engine.start(once, call));
  await until(() => here.held.length === CALLS.length, 'every call has had its effect');
  for (const pid of new Set(here.held.map(({ pid }) => pid))) process.kill(pid, 'SIGKILL');
  expectEnds(await endsOf(runs), here, 'connection-lost');
});

test('an answer that does not come in time', async () => {
  const here = await world();
  const { host } = await here.open(4_000);
  const runs = CALLS.map((call) => host.engine.start(once, call));
  expectEnds(await endsOf(runs), here, 'timeout');
});

test('a host that ends before the answer is recorded, and another that goes on', async () => {
  const here = await world();
  const { host } = await here.open();
  const runs = CALLS.map((call) => host.engine.start(once, call));
  await until(() => here.held.length === CALLS.length, 'every call has had its effect');
  await host.engine.close({ graceMs: 0 });
  const left = await Promise.all(runs.map(({ result }) => result));
  expect(new Set(left.map(({ type }) => type))).toEqual(new Set(['suspended']));
  await open.pop()?.[Symbol.asyncDispose]();

  const { host: next } = await here.open();
  const resumed = await Promise.all(runs.map(({ id }) => next.engine.resume(id)));
  expectEnds(await endsOf(resumed), here, 'interrupted');
  for (const { id } of runs)
    expect(await next.engine.replay(id)).toMatchObject({ type: 'identical', complete: true });
});
