/** What the compiler knows of a host: these lines are checked by it, with errors where errors belong, and run as they stand. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';

import {
  agent,
  chain,
  type Host,
  map,
  openHost,
  parallel,
  type Part,
  type RunContext,
  type RunOutcome,
  workflow,
} from '../../src/index.ts';
import type { Json } from '../../src/json.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

type Topic = { readonly topic: string };
type Report = { readonly words: number };

const shorten = async (_context: RunContext, { topic }: Topic): Promise<string> => topic.slice(0, 3);
const count = async (_context: RunContext, text: string): Promise<Report> => ({ words: text.length });
const asList = async (_context: RunContext, text: string): Promise<readonly string[]> => text.split(' ');

const given = {
  shorten,
  report: chain([shorten, count]),
  each: chain([asList, map(count)]),
  sides: parallel({ long: count, list: asList }),
  words: agent({ tools: [] }),
  shaped: agent({ tools: [], output: z.object({ rank: z.number() }) }),
  told: workflow({
    description: 'Counts.',
    input: z.object({ topic: z.string(), times: z.number().default(2) }),
    run: async (_context, { topic, times }) => ({ total: topic.length * times }),
  }),
  plain: async (_context: RunContext, input: Json) => [input, input],
};

async function open(home: string) {
  const file = join(home, 'config.json');
  await writeFile(file, '{}');
  return openHost({ config: file, homeFolder: home, workingFolder: home, workflows: given });
}

test('names, inputs and results of workflows are inferred, and run as inferred', async () => {
  await using folder = await temporaryFolder('typed');
  await using host = await open(folder.path);

  const report = await (await host.run('report', { topic: 'oaks' })).result;
  expectTypeOf(report).toEqualTypeOf<RunOutcome<Report>>();
  expect(report).toMatchObject({ type: 'done', output: { words: 3 } });

  const each = await (await host.run('each', 'oak ash elder')).result;
  expectTypeOf(each).toEqualTypeOf<RunOutcome<readonly Report[]>>();
  expect(each).toMatchObject({ output: [{ words: 3 }, { words: 3 }, { words: 5 }] });

  const sides = await (await host.run('sides', 'oak ash')).result;
  expectTypeOf(sides).toEqualTypeOf<
    RunOutcome<{ readonly long: Report; readonly list: readonly string[] }>
  >();

  const told = await (await host.run('told', { topic: 'oak' })).result;
  expectTypeOf(told).toEqualTypeOf<RunOutcome<{ total: number }>>();
  expect(told).toMatchObject({ output: { total: 6 } });

  const plain = await (await host.run('plain', [1])).result;
  expectTypeOf(plain).toEqualTypeOf<RunOutcome<Json[]>>();
  expect(plain).toMatchObject({ output: [[1], [1]] });

  // A surface takes any host.
  const any: Host = host;
  await expect(any.run('reprt', 'oaks')).rejects.toMatchObject({ code: 'unknown-workflow' });
});

test('what is misused is no program', () => {
  expectTypeOf(misused).toBeFunction();
});

/** For the compiler alone. */
function misused(host: Awaited<ReturnType<typeof open>>): void {
  expectTypeOf<Parameters<typeof host.run>[0]>().toEqualTypeOf<keyof typeof given>();
  // @ts-expect-error: a name that is none
  void host.run('reprt', { topic: 'oaks' });
  // @ts-expect-error: another input
  void host.run('report', 'oaks');
  // @ts-expect-error: a key that is missing
  void host.run('told', { times: 3 });
  void host.run('report', { topic: 'oaks' }).then(({ result }) => {
    expectTypeOf(result).toEqualTypeOf<Promise<RunOutcome<Report>>>();
  });
  // @ts-expect-error: a number is given to what takes words
  chain([count, asList]);
  // @ts-expect-error: what takes a list is given words
  chain([shorten, map(count)]);
  const ofNumbers = z.object({ topic: z.number() });
  // @ts-expect-error: the schema and the function do not fit each other
  workflow({ input: ofNumbers, run: shorten });
  // @ts-expect-error: what is no workflow
  void openHost({ workflows: { report: 5 } });
  expectTypeOf(given.words).toEqualTypeOf<Part<Json, string>>();
  expectTypeOf(given.shaped).toEqualTypeOf<Part<Json, { rank: number }>>();
}
