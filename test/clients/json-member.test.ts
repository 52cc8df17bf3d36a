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
