/** Runs of the agent over HTTP: whose they are, and what a closed stream does to them. */
import { afterEach, expect, test } from 'vitest';

import { type AskWorld, askWorld, collected, Gate, textOf, toldRun } from '../../../fixtures/ask-world.ts';
import { switchyard } from '../../../fixtures/command-line.ts';
import { connectClient } from '../../../fixtures/gateway.ts';
import { connectHttp, type HttpGateway, openHttp, postModern } from '../../../fixtures/http-gateway.ts';
import type { ModelReply } from '../../../fixtures/model/model-server.ts';

let asked: AskWorld;
let gateway: HttpGateway | undefined;

afterEach(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await asked[Symbol.asyncDispose]();
  gateway = undefined;
});

async function open(
  script: () => ModelReply | Promise<ModelReply>,
  detachAfterMs = 50_000,
): Promise<HttpGateway> {
  asked = await askWorld(script, { serve: { detachAfterMs }, approvals: [] });
  // What is made with the model server goes after both.
  gateway = await openHttp({ ...asked.world, [Symbol.asyncDispose]: async () => undefined });
  return gateway;
}

async function newToken(name: string): Promise<string> {
  const { work: cwd, home } = asked.world;
  const added = await switchyard(['tokens', 'add', name], { cwd, home });
  return added.stdout.trim();
}

const ask = { name: 'switchyard__ask', arguments: { request: 'Take your time.' } };

test('a stream that is closed only leaves its run, which a client of another gateway collects', async () => {
  const gate = new Gate();
  const served = await open(async () => {
    await gate.pass();
    return { type: 'answer', text: 'Nobody was there.' };
  });
  const controller = new AbortController();
  const closed = postModern(served, 'tools/call', ask, { signal: controller.signal }).then((response) =>
    response.text(),
  );
  await gate.reached;
  controller.abort();
  await expect(closed).rejects.toThrow();
  gate.open();
  const listed = await switchyard(['runs', '--json'], { cwd: asked.world.work, home: asked.world.home });
  const [run] = JSON.parse(listed.stdout) as [{ id: string }];
  await using other = await connectClient(asked.world, 'legacy', { name: 'another program' });
  expect(textOf(await collected(other.client, run.id))).toBe('Nobody was there.');
});

test.each(['modern', 'legacy'] as const)(
  'a run of one token is not there for another, for %s clients',
  async (era) => {
    const gate = new Gate();
    const served = await open(async () => {
      await gate.pass();
      return { type: 'answer', text: 'Mine alone.' };
    }, 1_000);
    const [laptop, desktop] = [await newToken('laptop'), await newToken('desktop')];
    await using owner = await connectHttp(served, era, { token: laptop });
    await using stranger = await connectHttp(served, era, { token: desktop });
    const { runId } = toldRun(await owner.client.callTool(ask));
    const uri = `switchyard://runs/${runId}`;
    for (const name of ['switchyard__run_wait', 'switchyard__run_cancel']) {
      const refused = await stranger.client.callTool({ name, arguments: { runId } });
      expect(refused.isError).toBe(true);
      expect(textOf(refused)).toContain(`There is no run "${runId}" of yours`);
    }
    await expect(stranger.client.readResource({ uri })).rejects.toThrow('There is no run');
    gate.open();
    expect(textOf(await collected(owner.client, runId))).toBe('Mine alone.');
    await using again = await connectHttp(served, era, { token: laptop, name: 'another program' });
    expect((await again.client.readResource({ uri })).contents[0]).toMatchObject({ uri });
  },
);

test('a server that was killed goes on with its runs when it is started again, before any client comes', async () => {
  const gate = new Gate();
  let count = 0;
  const answered = new Gate();
  const served = await open(async () => {
    count += 1;
    if (count === 1) {
      await gate.pass();
      return { type: 'silence' };
    }
    await answered.pass();
    return { type: 'answer', text: 'Again.' };
  }, 1_000);
  const client = await connectHttp(served, 'modern');
  const { runId } = toldRun(await client.client.callTool(ask));
  await gate.reached;
  served.process.kill('SIGKILL');
  await served.exited;
  gateway = await openHttp({ ...asked.world, [Symbol.asyncDispose]: async () => undefined });
  await answered.reached;
  answered.open();
  await using second = await connectHttp(gateway, 'legacy');
  expect(textOf(await collected(second.client, runId))).toBe('Again.');
});

test('a server that is asked to end answers whoever waits with the run, which the next one goes on with', async () => {
  const gate = new Gate();
  let count = 0;
  const served = await open(async () => {
    count += 1;
    if (count === 1) await gate.pass();
    return { type: 'answer', text: 'Here at last.' };
  });
  const client = await connectHttp(served, 'modern');
  const waiting = client.client.callTool(ask);
  await gate.reached;
  served.process.kill('SIGTERM');
  const { runId, status } = toldRun(await waiting);
  expect(status).toBe('running');
  await served.exited;
  gateway = await openHttp({ ...asked.world, [Symbol.asyncDispose]: async () => undefined });
  await using second = await connectHttp(gateway, 'legacy');
  expect(textOf(await collected(second.client, runId))).toBe('Here at last.');
});
