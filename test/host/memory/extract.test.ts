import { describe, expect, test } from 'vitest';

import { readOperations } from '../../../src/host/memory/extract/by-model.ts';
import { operationOf } from '../../../src/host/memory/extract/by-rules.ts';
import type { KnownFact } from '../../../src/host/memory/extract/operation.ts';
import { type Statement, statementsOf } from '../../../src/host/memory/extract/statement.ts';

describe('statements by their form', () => {
  test.each([
    ['My dentist is Dr. Weber. What time is it?', 'person', 'My dentist is Dr. Weber.'],
    ['I am allergic to peanuts, what can I cook?', 'person', 'I am allergic to peanuts.'],
    ['Please remember that the spare key hangs in the hall.', 'project', 'The spare key hangs in the hall.'],
    ['By the way, we deploy on Thursdays.', 'project', 'We deploy on Thursdays.'],
    ['Übrigens: Meine Schwester heißt Ada.', 'person', 'Meine Schwester heißt Ada.'],
    ['Wir nutzen jetzt Postgres statt MySQL.', 'project', 'Wir nutzen jetzt Postgres statt MySQL.'],
    ['The billing service listens on port 4711.', 'project', 'The billing service listens on port 4711.'],
    ['Hana leads the night shift.', 'project', 'Hana leads the night shift.'],
  ])('%s', (text, scope, found) => {
    expect(statementsOf(text)).toMatchObject([{ text: found, scope }]);
  });

  test.each([
    'Can you fix the build on port 4711?',
    'Please write a poem about Lisbon.',
    'I think the meeting is on Tuesday.',
    'It is on Thursday.',
    'I want to book a table for Friday.',
    'I did not sleep well, so keep it short today.',
    '```\nThe answer is 42.\n```\n> We deploy on Fridays.',
    'Kannst du mir die Tabelle erklären?',
  ])('nothing is taken from: %s', (text) => {
    expect(statementsOf(text)).toEqual([]);
  });
});

describe('what a statement does to what is known', () => {
  const TUESDAY: KnownFact = { factId: 'f1', text: 'We deploy on Tuesdays.', scope: 'project' };
  const SISTER: KnownFact = { factId: 'f2', text: 'My sister is called Ada.', scope: 'person' };
  const PORT: KnownFact = { factId: 'f3', text: 'The search index listens on port 9250.', scope: 'project' };

  test.each([
    ['We deploy on Thursdays now, no longer on Tuesdays.', [SISTER, TUESDAY], 'f1'],
    ['We moved the search index to port 9333.', [PORT, TUESDAY], 'f3'],
    ['The search index listens on port 9333.', [PORT], 'f3'],
    ['My sister is called Ida.', [SISTER], 'f2'],
    ['We deploy on Thursdays.', [TUESDAY], 'f1'],
  ])('%s changes the fact that it is about', (text, known, factId) => {
    expect(operationOf(only(text), known)).toMatchObject({ type: 'update', factId, text });
  });

  test.each([
    ['The login service listens on port 7443.', [PORT]],
    ['My sister is a doctor in Bremen.', [SISTER]],
    ['Devin has moved to Bremen.', [{ ...SISTER, text: 'Marta lives in Bremen.', similarity: 0.8 }]],
    ['We use Redis for sessions.', [{ ...TUESDAY, text: 'We use Postgres for orders.' }]],
  ])('%s is a fact of its own', (text, known) => {
    expect(operationOf(only(text), known)).toMatchObject({ type: 'remember', text });
  });

  test('what is known already changes nothing, and what is to be forgotten is', () => {
    expect(operationOf(only('we deploy on Tuesdays!'), [TUESDAY])).toBeUndefined();
    expect(operationOf(only('Please forget that we deploy on Tuesdays.'), [TUESDAY])).toEqual({
      type: 'forget',
      factId: 'f1',
    });
    expect(operationOf(only('Please forget that we deploy on Tuesdays.'), [SISTER])).toBeUndefined();
  });
});

test('nonsense from a model is counted and passed over', () => {
  const known: KnownFact[] = [{ factId: 'f1', text: 'x', scope: 'person' }];
  const answer = JSON.stringify({
    operations: [
      { type: 'remember', text: 'Fine.', scope: 'elsewhere' },
      { type: 'remember', text: '' },
      { type: 'update', id: 'f9', text: 'unknown' },
      { type: 'forget', id: 'f1' },
      { type: 'burn' },
      null,
    ],
  });
  expect(readOperations(answer, known)).toEqual({
    operations: [
      { type: 'remember', text: 'Fine.', scope: 'project' },
      { type: 'forget', factId: 'f1' },
    ],
    ignored: 4,
  });
  for (const text of ['', 'no', '{"operations": 3}', '{"operations": ['])
    expect(readOperations(text, known)).toEqual({ operations: [], ignored: undefined });
});

function only(text: string): Statement {
  const [statement, ...more] = statementsOf(text);
  if (statement === undefined || more.length > 0) throw new Error(`Not one statement: ${text}`);
  return statement;
}
