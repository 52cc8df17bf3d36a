import { expect, test } from 'vitest';

import type { StoredEvent } from '../../../../src/host/event.ts';
import type { PersonRequest } from '../../../../src/host/person/attend.ts';
import { chain } from '../../../../src/host/workflow/pattern/chain.ts';
import { approve, askPerson } from '../../../../src/host/workflow/pattern/person.ts';
import { type Json, type JsonObject, jsonText } from '../../../../src/json.ts';
import { openPatterns, resumedOutcomes } from './pattern-world.ts';

test('the person at hand is asked what a workflow asks, and a resumed run asks nobody again', async () => {
  const asked: PersonRequest[] = [];
  const elicit = async (request: PersonRequest): Promise<JsonObject> => {
    asked.push(request);
    const isApproval = jsonText(request.params['message'] ?? '').startsWith('Send');
    return { action: 'accept', content: isApproval ? { approved: true } : { answer: 'Ann' } };
  };
  const workflow = chain([askPerson<string>((input) => `Who is ${input} for?`), approve<string>('Send it?')]);
  await using world = await openPatterns(workflow, {}, { elicit });
  const run = await world.run('the letter');
  expect(run.outcome).toMatchObject({ type: 'done', output: 'Ann' });
  expect(asked.map(({ workflow, params }) => [workflow, params['message']])).toEqual([
    ['main', 'Who is the letter for?'],
    ['main', 'Send it?\n\nAnn'],
  ]);
  for (const outcome of await resumedOutcomes(world, run)) expect(outcome).toMatchObject({ output: 'Ann' });
});

test('an answer that does not fit is asked for again, and a form that is closed declines', async () => {
  const answers: JsonObject[] = [
    { action: 'accept', content: { size: 'large' } },
    { action: 'accept', content: { size: 3 } },
  ];
  const elicit = async (): Promise<JsonObject> => answers.shift() ?? { action: 'cancel' };
  const size = { type: 'object', properties: { size: { type: 'integer' } }, required: ['size'] };
  await using world = await openPatterns(askPerson<Json>('How large?', { schema: size }), {}, { elicit });
  const first = await world.run(null);
  expect(first.outcome).toMatchObject({ type: 'done', output: { size: 3 } });
  expect(first.events.filter(({ type }) => type === 'question')).toHaveLength(2);
  expect((await world.run(null)).outcome).toMatchObject({ type: 'failed', error: { code: 'declined' } });
});

test('a question that is answered elsewhere is taken back from the person at hand', async () => {
  const takenBack = Promise.withResolvers<string>();
  const put = Promise.withResolvers<void>();
  const elicit = (request: PersonRequest): Promise<JsonObject> => {
    put.resolve();
    return new Promise((_resolve, reject) => {
      request.signal.addEventListener('abort', () => {
        takenBack.resolve('taken back');
        reject(new Error('taken back'));
      });
    });
  };
  await using world = await openPatterns(askPerson<Json>('Who?'), {}, { elicit });
  const handle = await world.host.run('main', null);
  await put.promise;
  const signal = await signalOf(handle.storedEvents());
  await world.host.engine.signal(handle.id, signal, {
    action: 'accept',
    content: { answer: 'Eve' },
  });
  expect(await takenBack.promise).toBe('taken back');
  expect(await handle.result).toMatchObject({ type: 'done', output: 'Eve' });
});

test('nobody who answers in time is an error', async () => {
  await using world = await openPatterns(askPerson<Json>('Who?', { timeoutMs: 20 }), {});
  expect((await world.run(null)).outcome).toMatchObject({ type: 'failed', error: { code: 'wait-timeout' } });
});

async function signalOf(events: AsyncIterable<StoredEvent>): Promise<string> {
  for await (const event of events) if (event.type === 'question') return event.signal;
  throw new Error('the run asks nothing');
}
