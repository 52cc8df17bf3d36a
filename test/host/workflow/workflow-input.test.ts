import { expect, test } from 'vitest';
import { z } from 'zod';

import { inputOfText } from '../../../src/host/workflow/input-of-text.ts';
import type { Json } from '../../../src/json.ts';
import { openTestHost } from '../../fixtures/open-host.ts';

const echo = async (_context: unknown, input: Json): Promise<Json> => input;
const PLACE = { type: 'object', properties: { place: { type: 'string' }, count: {} }, required: ['place'] };

test('an input that does not fit begins no run, and says what is taken', async () => {
  await using opened = await openTestHost({
    script: () => ({ type: 'answer', text: 'unasked' }),
    workflows: {
      plain: { run: echo, input: PLACE },
      parsed: { run: echo, input: z.object({ count: z.int().default(3) }) },
    },
  });
  const { host } = opened;
  await expect(host.run('plain', 'Kyoto')).rejects.toMatchObject({
    code: 'input-invalid',
    message: expect.stringMatching(
      /workflow "plain" takes\. input: must be object\. It takes \{"type"/,
    ) as string,
  });
  await expect(host.run('parsed', { count: 'many' })).rejects.toMatchObject({ code: 'input-invalid' });
  expect(await (await host.run('plain', { place: 'Kyoto' })).result).toMatchObject({
    output: { place: 'Kyoto' },
  });
  expect(await (await host.run('parsed', {})).result).toMatchObject({ output: { count: 3 } });
  expect(host.workflows).toEqual([
    { name: 'plain', input: PLACE },
    { name: 'parsed', input: expect.objectContaining({ type: 'object' }) as unknown },
  ]);
});

test.each([
  ['words where nothing is said', 'oaks', undefined, 'oaks'],
  ['words where words are taken, also such as look like JSON', '12', { type: 'string' }, '12'],
  ['JSON where something else is taken', '["oak"]', { type: 'array' }, ['oak']],
  ['the one text that an object needs', 'old Kyoto', PLACE, { place: 'old Kyoto' }],
  ['an object as JSON', '{"place":"Kyoto"}', PLACE, { place: 'Kyoto' }],
  ['words, to be refused, where there are two places', 'x', { ...PLACE, required: ['place', 'count'] }, 'x'],
])('a line becomes %s', (_what, text, schema, input) => {
  expect(inputOfText(text, schema)).toEqual(input);
});
