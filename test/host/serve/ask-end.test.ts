/** What ends a run of the agent, and what does not. */
import { afterEach, describe, expect, test } from 'vitest';

import { type AskWorld, askWorld, collected, Gate, textOf, toldRun } from '../../fixtures/ask-world.ts';
import { switchyard } from '../../fixtures/command-line.ts';
import type { ModelReply, ScriptedRequest } from '../../fixtures/model/model-server.ts';

let asked: AskWorld;
let script: (request: ScriptedRequest) => ModelReply | Promise<ModelReply>;

/** Long enough that no answer which is there comes too late, and short where one is to come too late. */
async function open(detachAfterMs = 50_000): Promise<void> {
  asked = await askWorld((request) => script(request), {
    serve: { detachAfterMs },
  });
}

afterEach(() => asked[Symbol.asyncDispose]());

const ask = (request: string) => ({ name: 'switchyard__ask', arguments: { request } });

describe.each(['modern', 'legacy'] as const)('a %s client', (era) => {
  const other = era === 'modern' ? 'legacy' : 'modern';

  test('only goes away from its run when it cancels the call', async () => {
    await open();
    const gate = new Gate();
    script = async () => {
      await gate.pass();
      return { type: 'answer', text: 'Nobody was there.' };
    };
    const client = (await asked.connect(era)).client;
    const controller = new AbortController();
    const call = client.callTool(ask('Go on without me.'), { signal: controller.signal });
    await gate.reached;
    controller.abort();
    await expect(call).rejects.toThrow();
    gate.open();
    const listed = await switchyard(['runs', '--json'], { cwd: asked.world.work, home: asked.world.home });
    const [run] = JSON.parse(listed.stdout) as [{ id: string }];
    expect(toldRun(await collected((await asked.connect(other)).client, run.id))).toMatchObject({
      status: 'done',
      answer: 'Nobody was there.',
    });
  });

  test('ends its run for good', async () => {
    await open(1_000);
    const gate = new Gate();
    script = async () => {
      await gate.pass();
      return { type: 'answer', text: 'Too late.' };
    };
    const client = (await asked.connect(era)).client;
    const { runId } = toldRun(await client.callTool(ask('Stop in the middle.')));
    await gate.reached;
    const second = (await asked.connect(other)).client;
    const waiting = collected(second, runId);
    const cancelled = await client.callTool({ name: 'switchyard__run_cancel', arguments: { runId } });
    expect(textOf(cancelled)).toBe(`Run ${runId} is cancelled.`);
    const told = await waiting;
    expect(told).toMatchObject({ isError: true });
    expect(toldRun(told)).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } });
    expect(await asked.model.requests[0]?.closed).toBe('aborted');
    const again = await client.callTool({ name: 'switchyard__run_cancel', arguments: { runId } });
    expect(again.isError).toBe(true);
    expect(textOf(again)).toContain('has ended (cancelled)');
  });
});
