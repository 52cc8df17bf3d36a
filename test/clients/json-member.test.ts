import { describe, expect, test } from 'vitest';

import { parseJsonDocument } from '../../src/config/json-document.ts';
import { addMember, removeMember, replaceMember } from '../../src/clients/json-member.ts';

const ENTRY = { command: 'node', args: ['a', 'b'] };

const TEXTS: Readonly<Record<string, string>> = {
  'two spaces': '{\n  "servers": {\n    "a": { "command": "x" }\n  }\n}\n',
  'tabs and no end of line at the end': '{\n\t"servers": {\n\t\t"a": {\n\t\t\t"command": "x"\n\t\t}\n\t}\n}',
  'lines of Windows': '{\r\n  "servers": {\r\n    "a": {}\r\n  }\r\n}\r\n',
  'a trailing comma': '{\n  "servers": {\n    "a": {},\n  },\n}\n',
  'a comment behind the last one':
    '{\n  "servers": {\n    "a": {} // the only one, so far\n    /* no more */\n  }\n}\n',
  'a comment with a brace and a comma': '{\n  "servers": {\n    "a": {} /* } , */\n  }\n}\n',
  'one line': '{ "servers": { "a": { "command": "x" } } }',
  'nothing between braces': '{"servers":{"a":{}}}',
  'other members behind': '{\n  "servers": {\n    "a": {}\n  },\n  "other": [1, 2]\n}\n',
};

describe('what is added last and taken out again leaves every byte as it was:', () => {
  test.each(Object.entries(TEXTS))('%s', (_name, text) => {
    const added = addMember(text, ['servers'], 'ours', ENTRY);
    const { value, faults } = parseJsonDocument(added);
    expect(faults).toEqual([]);
    expect(value).toMatchObject({ servers: { a: {}, ours: ENTRY } });
    expect(removeMember(added, ['servers', 'ours'])).toBe(text);
  });
});

test('only lines are added, in the style of the file', () => {
  expect(addMember(TEXTS['tabs and no end of line at the end'] ?? '', ['servers'], 'ours', ENTRY)).toBe(
    '{\n\t"servers": {\n\t\t"a": {\n\t\t\t"command": "x"\n\t\t},\n\t\t"ours": {\n\t\t\t"command": "node",\n\t\t\t"args": ["a", "b"]\n\t\t}\n\t}\n}',
  );
  expect(addMember(TEXTS['lines of Windows'] ?? '', ['servers'], 'ours', ENTRY)).not.toMatch(/[^\r]\n/);
  expect(addMember(TEXTS['a comment behind the last one'] ?? '', ['servers'], 'ours', ENTRY)).toContain(
    '"a": {}, // the only one, so far\n    /* no more */\n    "ours": {',
  );
  expect(addMember(TEXTS['one line'] ?? '', ['servers'], 'ours', { x: 1 })).toBe(
    '{ "servers": { "a": { "command": "x" }, "ours": {"x":1} } }',
  );
});

test('an object that is empty gets its first member', () => {
  expect(addMember('{}', [], 'servers', { ours: 1 })).toBe('{\n  "servers": {\n    "ours": 1\n  }\n}');
  expect(addMember('{\n  // none yet\n}\n', [], 'a', 1)).toBe('{\n  // none yet\n  "a": 1\n}\n');
  expect(addMember('// top\n{ } // end\n', [], 'a', 1)).toBe('// top\n{\n  "a": 1\n} // end\n');
});

test('a member in the middle and the first one are taken out with their commas', () => {
  const text = '{\n  "a": 1,\n  // of b\n  "b": 2, // two\n  "c": 3\n}\n';
  expect(parseJsonDocument(removeMember(text, ['b']))).toMatchObject({ value: { a: 1, c: 3 }, faults: [] });
  expect(removeMember('{\n  "a": 1,\n  "b": 2\n}\n', ['a'])).toBe('{\n  "b": 2\n}\n');
  expect(removeMember('{\n  "a": 1\n}\n', ['a'])).toBe('{}\n');
});

test('a value is replaced, and nothing around it', () => {
  expect(replaceMember('{\n  "a": { "x": 1 }, // one\n  "b": 2\n}', ['a'], { y: 2 })).toBe(
    '{\n  "a": {\n    "y": 2\n  }, // one\n  "b": 2\n}',
  );
});

test('a line comment before a member that goes takes nothing behind it along', () => {
  const text = '{\n  "a": 1, // of b\n  "b": 2, "c": 3 }\n';
  expect(removeMember(text, ['b'])).toBe('{\n  "a": 1, // of b\n "c": 3 }\n');
  expect(removeMember('{ // ours\n"b": 2 }', ['b'])).toBe('{ // ours\n }');
});

test('whatever stands between the members, the values are right', () => {
  const random = sequence(1);
  for (let round = 0; round < 1_000; round += 1) {
    const text = randomObject(random, true);
    const before = plainValue(text);
    const added = addMember(text, ['servers'], 'ours', ENTRY);
    expect(plainValue(added), text).toEqual({ ...before, servers: { ...before['servers'], ours: ENTRY } });
    expect(plainValue(removeMember(added, ['servers', 'ours'])), added).toEqual(before);
    for (const key of Object.keys(before['servers'] ?? {})) {
      const { [key]: _gone, ...servers } = before['servers'] ?? {};
      expect(plainValue(removeMember(text, ['servers', key])), text).toEqual({ ...before, servers });
    }
  }
});

type Random = (below: number) => number;

/** The same numbers in each run (a linear congruential generator; its low bits are poor). */
function sequence(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >> 8) % below;
  };
}

const TRIVIA = [' ', '\t', '\n', '\r\n', '\n  ', '/* a, } */', '// x, { "\n', ''];
const VALUES = ['1', '"s,}{"', 'null', '"//"', '"/*"', '[1, /* , */ 2]', '{}'];

function randomTrivia(random: Random): string {
  return Array.from({ length: random(4) }, () => TRIVIA[random(TRIVIA.length)]).join('');
}

function randomObject(random: Random, hasServers: boolean): string {
  const members = Array.from({ length: random(4) }, (_, index) => {
    const value = hasServers || random(2) === 0 ? VALUES[random(VALUES.length)] : randomObject(random, false);
    return `"k${index}"${randomTrivia(random)}:${randomTrivia(random)}${value}`;
  });
  if (hasServers) members.splice(random(members.length + 1), 0, `"servers": ${randomObject(random, false)}`);
  const inside = members.map((member) => randomTrivia(random) + member + randomTrivia(random)).join(',');
  const comma = members.length > 0 && random(3) === 0 ? ',' : '';
  return `{${inside}${comma}${randomTrivia(random)}}`;
}

function plainValue(text: string): Record<string, Record<string, unknown>> {
  const { value, faults } = parseJsonDocument(text);
  expect(faults, text).toEqual([]);
  return JSON.parse(JSON.stringify(value));
}
