import { describe, expect, test } from 'vitest';

import { PII_ENTITIES, type PiiEntity } from '../../../src/config/guard-settings.ts';
import { loadPiiFinder } from '../../../src/host/guard/pii/find-pii.ts';

async function found(text: string, entities: readonly PiiEntity[] = PII_ENTITIES): Promise<string[]> {
  const find = await loadPiiFinder(entities);
  return find(text).map(({ entity, start, end }) => `${entity}: ${text.slice(start, end)}`);
}

const SURE = ['credit-card', 'email', 'iban', 'ip-address', 'phone', 'us-ssn'] as const;

describe('personal data', () => {
  test.each([
    [
      'an address of mail',
      'Write to anna.berg+news@mail.example.org.',
      ['email: anna.berg+news@mail.example.org'],
    ],
    [
      'cards, by their check digit',
      'Pay with 4111-1111-1111-1111 or 378282246310005.',
      ['credit-card: 4111-1111-1111-1111', 'credit-card: 378282246310005'],
    ],
    ['an IBAN, in groups', 'To DE89 3704 0044 0532 0130 00 please.', ['iban: DE89 3704 0044 0532 0130 00']],
    [
      'addresses of machines',
      'From 203.0.113.7 and 2001:db8::1.',
      ['ip-address: 203.0.113.7', 'ip-address: 2001:db8::1'],
    ],
    [
      'telephones',
      'Call +49 170 1234567 or (201) 948-1927.',
      ['phone: +49 170 1234567', 'phone: (201) 948-1927'],
    ],
    ['a number of social security', 'SSN 219-09-9999.', ['us-ssn: 219-09-9999']],
  ])('%s', async (_what, text, expected) => {
    expect(await found(text, SURE)).toEqual(expected);
  });

  test.each([
    'version 1.2.3.4567, build 20261126, commit 4111111',
    'It took 1234567890 ns; ids 1000000000000001 and 4111111111111112 are no cards.',
    'DE89370400440532013001 has a wrong check digit',
    'localhost 127.0.0.1 and 0.0.0.0, port 8080, 999.1.1.1',
    'user@localhost and a@b',
    'Between 2010 and 2020 the 12,345,678 people of 1,200.50 km²',
    'const id = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"; 10:30:00',
  ])('is not in: %s', async (text) => {
    expect(await found(text, SURE)).toEqual([]);
  });

  test('people, places, dates and ages by the words around them', async () => {
    const text =
      'My name is Anna Berg, I was born on 12 May 1980 in Austria and live at 12 Long Street, Springfield.';
    expect(await found(text)).toEqual(
      expect.arrayContaining([
        'person: Anna Berg',
        'date: 12 May 1980',
        'place: Austria',
        expect.stringMatching(/^street-address: 12 Long Street/),
      ]),
    );
  });

  test('of two that overlap the surer one is taken', async () => {
    expect(await found('Card 4111 1111 1111 1111, call it.', ['phone', 'credit-card'])).toEqual([
      'credit-card: 4111 1111 1111 1111',
    ]);
  });
});
