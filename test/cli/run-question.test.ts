/** A workflow that asks a person where none is there: the run waits, and goes on from another terminal. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { type Finished, switchyard } from '../fixtures/command-line.ts';
import { startModelServer } from '../fixtures/model/model-server.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

async function world(workflows: object) {
  const folder = await temporaryFolder('question');
  const model = await startModelServer({
    script: ({ system, userText }) => ({ type: 'answer', text: `${system.slice(0, 5)} ${userText}` }),
  });
  await writeFile(
    join(folder.path, 'config.json'),
    JSON.stringify({
      models: { default: { model: 'anthropic/scripted', baseUrl: model.url, apiKey: 'none' } },
      workflows,
    }),
  );
  const call = (...args: readonly string[]): Promise<Finished> =>
    switchyard(args, { cwd: folder.path, home: folder.path });
  return {
    model,
    runs: (...args: readonly string[]) => call('runs', ...args, '--config', 'config.json'),
    list: () => call('runs', 'list'),
    run: (request: string) => call('run', '--config', 'config.json', '--workflow', 'main', request),
    idOf: ({ stderr }: Finished): string => /runs (?:answer|resume) (run_[\w-]+)/.exec(stderr)?.[1] ?? '',
    async [Symbol.asyncDispose]() {
      await model[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const DRAFT = { name: 'draft', agent: { instructions: 'DRAFT', tools: [] } };
const FINAL = { name: 'final', agent: { instructions: 'FINAL', tools: [] } };

test('what a person has to allow waits for a yes, and goes on with it', async () => {
  await using asked = await world({
    main: { chain: [DRAFT, { approve: { question: 'Publish it?' } }, FINAL] },
  });
  const waiting = await asked.run('oaks');
  expect(waiting).toMatchObject({ code: 4, stdout: '' });
  expect(waiting.stderr).toContain('asks a person: Publish it?\n\nDRAFT oaks');
  const id = asked.idOf(waiting);
  expect((await asked.list()).stdout).toMatch(/waiting for an answer: runs answer \w+/);

  expect((await asked.runs('answer', id)).stdout).toMatch(
    /^1 {2}Publish it\?[\s\S]*yes or no, and why\nTo answer: /,
  );
  const unfit = await asked.runs('answer', id, 'perhaps');
  expect(unfit.code).toBe(2);
  expect(unfit.stderr).toContain('answered with yes or no');

  expect(await asked.runs('answer', id, '--no-resume', 'yes, it is good')).toMatchObject({
    code: 0,
    stdout: '',
  });
  const twice = await asked.runs('answer', id, 'no');
  expect(twice.code).toBe(2);
  expect(twice.stderr).toContain('It was answered already');

  expect(await asked.runs('resume', id)).toMatchObject({ code: 0, stdout: 'FINAL DRAFT oaks\n' });
  expect(asked.model.requests).toHaveLength(2);
  expect((await asked.runs('answer', id, 'yes')).code).toBe(2);
});

test('a no ends the run with the reason', async () => {
  await using asked = await world({
    main: { chain: [DRAFT, { approve: { question: 'Publish it?' } }, FINAL] },
  });
  const id = asked.idOf(await asked.run('oaks'));
  const refused = await asked.runs('answer', id, 'no: too long');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('A person said no to "Publish it?": too long');
  expect(asked.model.requests).toHaveLength(1);
});

test('questions side by side are answered one by one, in words and in a shape', async () => {
  const schema = {
    type: 'object',
    properties: { size: { type: 'integer', minimum: 1 } },
    required: ['size'],
    additionalProperties: false,
  };
  await using asked = await world({
    main: {
      parallel: {
        parts: { name: { ask: { question: 'Who?' } }, size: { ask: { question: 'How large?', schema } } },
      },
    },
  });
  const id = asked.idOf(await asked.run('oaks'));
  const which = await asked.runs('answer', id, 'Ann');
  expect(which.code).toBe(2);
  expect(which.stderr).toMatch(/asks 2 questions[\s\S]*1 {2}Who\?\n {2}2 {2}How large\?/);
  expect((await asked.runs('answer', id, '--question', '2', '{"size": 0}')).stderr).toMatch(
    /does not fit: .*size/,
  );
  expect((await asked.runs('answer', id, '--question', '2', '{"size": 3}')).code).toBe(4);
  const done = await asked.runs('answer', id, 'Ann');
  expect(JSON.parse(done.stdout)).toEqual({ name: 'Ann', size: { size: 3 } });
});

test('a signal from another terminal wakes what waits for it', async () => {
  await using waits = await world({ main: { chain: [{ waitFor: { signal: 'shipped' } }, FINAL] } });
  const waiting = await waits.run('oaks');
  expect(waiting.code).toBe(4);
  const id = waits.idOf(waiting);
  expect((await waits.runs('signal', id, 'shipped', '{half')).code).toBe(2);
  expect((await waits.runs('answer', id)).stderr).toContain('asks nobody anything');
  expect(await waits.runs('signal', id, 'shipped', '"by train"')).toMatchObject({
    code: 0,
    stdout: 'FINAL by train\n',
  });
});
