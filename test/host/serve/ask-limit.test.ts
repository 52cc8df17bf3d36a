import { expect, test } from 'vitest';

import { askWorld, collected, textOf, toldRun } from '../../fixtures/ask-world.ts';

test('a client whose run a limit stops gets what was achieved, and how a person goes on with it', async () => {
  await using asked = await askWorld(() => ({
    type: 'answer',
    text: 'So far I know this much.',
    toolCalls: [{ name: 'nobody__knows', arguments: {} }],
  }));
  const { client } = await asked.connect('modern');
  const result = await client.callTool({
    name: 'switchyard__ask',
    arguments: { request: 'Find out.', limits: { maxTurns: 2 } },
  });
  const told = toldRun(result) as ReturnType<typeof toldRun> & { partial?: string; goOn?: string };
  expect(told).toMatchObject({
    status: 'stopped',
    error: { code: 'limit-reached', message: 'The limit of 2 turns is reached.' },
    partial: 'So far I know this much.',
  });
  expect(told.goOn).toMatch(new RegExp(`switchyard runs resume ${told.runId}.* --max-turns 4$`));
  expect(result).toMatchObject({ isError: true });
  expect(textOf(result)).toMatch(
    /The limit of 2 turns is reached\.\n\nFor a person: To go on: [^\n]*\n\nWhat was achieved so far, which is not the answer:\n\nSo far I know this much\./,
  );
  expect(toldRun(await collected(client, told.runId))).toMatchObject({
    status: 'stopped',
    partial: told.partial,
  });
});
