/** What a small model is offered, asked and believed, without a model. */
import { describe, expect, test } from 'vitest';

import type { ToolSummary } from '../../../src/host/context.ts';
import { cannedReply } from '../../../src/host/workflow/single-tool/gate.ts';
import { isGrounded } from '../../../src/host/workflow/single-tool/grounded.ts';
import { literalsOf } from '../../../src/host/workflow/single-tool/literals.ts';
import { offeredTools } from '../../../src/host/workflow/single-tool/offer.ts';
import type { JsonObject } from '../../../src/json.ts';

describe('the gate', () => {
  test.each([
    'Write a poem about the sea.',
    'Please send an email to Bob',
    'could you please delete notes.txt?',
    "I'd like you to create a file",
    'Hey, translate this to French',
    'save this as x.md',
  ])('%s is a task that is refused', (request) => {
    expect(cannedReply(request)).toMatch(/only looks things up/);
  });

  test.each([
    'Which command writes a first config?',
    'What does edit_file answer with?',
    'How do I delete a session?',
    'Who wrote the book?',
    'Hello world program: what does it print?',
    'Is it possible to send a signal?',
  ])('%s is a question', (request) => {
    expect(cannedReply(request)).toBeUndefined();
  });
});

describe('literals', () => {
  test.each([
    ['What does https://example.org/a?b=1 say?', { urls: ['https://example.org/a?b=1'], names: [], ids: [] }],
    ['What is in README.md?', { urls: [], names: ['README.md'], ids: [] }],
    ['Which files are in the docs folder?', { urls: [], names: ['docs'], ids: [] }],
    ['List the folder src.', { urls: [], names: ['src'], ids: [] }],
    ['In which folder are the logs?', { urls: [], names: [], ids: [] }],
    ['Find "TODO" in src/main.ts', { urls: [], names: ['TODO', 'src/main.ts'], ids: [] }],
    ['Find all *.md files', { urls: [], names: ['*.md'], ids: [] }],
    ['What is ticket AB-1234 about?', { urls: [], names: [], ids: ['AB-1234'] }],
    ['Is 1/2 more than 0.4?', { urls: [], names: [], ids: [] }],
    ["What's Alice's cat called?", { urls: [], names: [], ids: [] }],
  ])('%s', (request, expected) => {
    expect(literalsOf(request)).toEqual(expected);
  });
});

const text = { type: 'string' } as const;
const tool = (name: string, properties: JsonObject, options: Partial<ToolSummary> = {}): ToolSummary => ({
  name,
  server: name.split('__')[0] ?? '',
  description: '',
  inputSchema: { type: 'object', properties, required: Object.keys(properties) },
  readOnly: true,
  idempotent: true,
  ...options,
});
const TOOLS: readonly ToolSummary[] = [
  tool('filesystem__read_file', { path: text }),
  tool('filesystem__write_file', { path: text, content: text }, { readOnly: false }),
  tool(
    'filesystem__list_directory',
    {},
    {
      inputSchema: { type: 'object', properties: { path: text, depth: { type: 'integer' } } },
    },
  ),
  tool('memory__recall', { query: text }),
  tool('memory__list_facts', {}),
  tool('retrieval__search', { query: text }),
  tool('web__fetch', { url: text }),
  tool('meteo__forecast', { city: text }, { description: 'Tells how the weather will be in a city.' }),
  tool('crm__find', { filter: { type: 'object', properties: {} } }, { description: 'Customers by filter.' }),
];
const offered = (request: string): readonly string[] =>
  offeredTools(request, TOOLS, 'retrieval__search').map(({ name }) => name);

describe('what is offered', () => {
  test.each([
    ['Why did Alice cry?', ['retrieval__search']],
    ['How is the weather in Paris?', ['retrieval__search', 'meteo__forecast']],
    ['What does https://example.org say?', ['retrieval__search', 'web__fetch']],
    ['What do you remember of my birthday?', ['memory__recall', 'retrieval__search']],
    ['Which facts are there?', ['memory__list_facts', 'retrieval__search']],
    ['How does the memory server forget?', ['retrieval__search']],
    ['Which customers are in Spain?', ['retrieval__search']],
    ['What is in docs/a.md?', ['filesystem__read_file', 'filesystem__list_directory', 'retrieval__search']],
  ])('%s', (request, names) => {
    expect(offered(request)).toEqual(names);
  });

  test('a path can only be copied; a property that may be left out is offered for a name only', () => {
    const [read, list] = offeredTools('What is in docs/a.md?', TOOLS, 'retrieval__search');
    expect(read?.schema).toEqual({ type: 'object', properties: { path: { enum: ['docs/a.md'] } } });
    expect(list?.schema).toEqual({ type: 'object', properties: { path: { enum: ['docs/a.md'] } } });
  });
});

describe('whether a restatement is grounded', () => {
  test.each([
    ['It is 21 degrees in Paris.', 'Paris: 21 degrees', true],
    ['It is 25 degrees in Paris.', 'Paris: 21 degrees', false],
    ['It is 21 degrees in London.', 'Paris: 21 degrees', false],
    ['There are 1,234 files.', 'files: 1234', true],
    ['The file has 3 lines. It was written by Bob.', 'lines: 3', false],
    ['Version 3.22.1 is used.', 'version 3.22', false],
    ['', 'anything', true],
  ])('%s by "%s": %s', (answer, source, expected) => {
    expect(isGrounded(answer, source)).toBe(expected);
  });
});
