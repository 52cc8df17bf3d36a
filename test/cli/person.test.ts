/** Questions by lines, over real streams. */
import { PassThrough } from 'node:stream';

import { expect, test } from 'vitest';

import { Person } from '../../src/host/cli/person.ts';
import type { ApprovalAnswer, ApprovalQuestion } from '../../src/host/tool-call/policy.ts';

interface Terminal {
  readonly person: Person;
  readonly input: PassThrough;
  readonly shown: () => string;
  /** Resolves when the text was shown that often. */
  readonly until: (text: string, times?: number) => Promise<void>;
}

function terminal(): Terminal {
  const input = new PassThrough();
  const output = new PassThrough();
  let shown = '';
  output.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
  });
  return {
    person: new Person({ input, output }),
    input,
    shown: () => shown,
    async until(text, times = 1) {
      while (shown.split(text).length <= times) await new Promise((resolve) => output.once('data', resolve));
    },
  };
}

function question(more: Partial<ApprovalQuestion> = {}): ApprovalQuestion {
  return {
    name: 'files__write_file',
    server: 'files',
    title: 'Write file',
    destructive: true,
    arguments: { path: 'a.md' },
    always: { scopes: ['folder', 'person'], meaning: 'It runs from then on without a question.' },
    signal: new AbortController().signal,
    ...more,
  };
}

test.each<[string, ApprovalAnswer]>([
  ['y', { type: 'yes' }],
  ['Y', { type: 'yes' }],
  ['n', { type: 'no' }],
  ['', { type: 'no' }],
  ['a', { type: 'always', scope: 'folder' }],
  ['W', { type: 'always', scope: 'person' }],
])('the key "%s" answers %o', async (key, answer) => {
  const { person, input, shown } = terminal();
  input.write(`${key}\n`);
  expect(await person.ask(question())).toEqual(answer);
  expect(shown()).toMatch(/Allow files__write_file \(Write file\)\? It may change or delete/);
  expect(shown()).toContain('a, w: It runs from then on');
});

test('an unknown key asks again, and always is no answer where it is not offered', async () => {
  const { person, input, until } = terminal();
  const { always: _, ...without } = question();
  const answer = person.ask(without);
  for (const [index, key] of ['x', 'a', 'w', 'n'].entries()) {
    await until('[y yes', index + 1);
    input.write(`${key}\n`);
  }
  expect(await answer).toEqual({ type: 'no' });
});

test('arguments are edited as JSON until they are an object', async () => {
  const { person, input, until } = terminal();
  const answer = person.ask(question());
  input.write('e\n');
  await until('Change the arguments');
  input.write('{"path": \n');
  await until('no JSON object');
  input.write('{"path": "b.md"}\n');
  expect(await answer).toEqual({ type: 'edit', arguments: { path: 'b.md' } });
});

test('an empty line leaves the editing, and yes is no answer to arguments that cannot be used', async () => {
  const { person, input, until, shown } = terminal();
  const answer = person.ask(question({ problem: '"path" is missing' }));
  await until('[N no');
  input.write('y\n');
  await until('[N no', 2);
  input.write('e\n');
  await until('Change the arguments');
  input.write('\n');
  await until('[N no', 3);
  input.write('n\n');
  expect(await answer).toEqual({ type: 'no' });
  expect(shown()).toContain('These arguments cannot be used: "path" is missing');
});

test('the end of the input is no: before the question, at it, and in the midst of editing', async () => {
  const before = terminal();
  before.input.end();
  before.input.resume();
  await new Promise((resolve) => before.input.once('end', resolve));
  expect(await before.person.ask(question())).toEqual({ type: 'no' });

  const at = terminal();
  const answer = at.person.ask(question());
  await at.until('[y yes');
  at.input.end();
  expect(await answer).toEqual({ type: 'no' });
  expect(await at.person.confirm('Really?')).toBe(false);

  const editing = terminal();
  const edited = editing.person.ask(question());
  editing.input.write('e\n');
  await editing.until('Change the arguments');
  editing.input.end();
  expect(await edited).toEqual({ type: 'no' });
});

test('a form whose input ends is cancelled, also where an answer is required', async () => {
  const { person, input, until } = terminal();
  const answer = person.elicit({
    server: 'files',
    method: 'elicitation/create',
    params: {
      message: 'How many?',
      requestedSchema: { type: 'object', properties: { count: { type: 'integer' } }, required: ['count'] },
    },
    signal: new AbortController().signal,
  });
  input.write('y\n');
  await until('count');
  input.end();
  expect(await answer).toEqual({ action: 'cancel' });
});

test('an aborted question ends, one that waited is not shown, and the next one is asked', async () => {
  const { person, input, until, shown } = terminal();
  const abort = new AbortController();
  const first = person.ask(question({ signal: abort.signal }));
  const waiting = person.ask(question({ name: 'files__edit_file', signal: abort.signal }));
  const second = person.ask(question({ name: 'files__move_file' }));
  await until('write_file');
  abort.abort();
  await expect(first).rejects.toThrow(/abort/i);
  await expect(waiting).rejects.toThrow(/abort/i);
  await until('move_file');
  input.write('y\n');
  expect(await second).toEqual({ type: 'yes' });
  expect(shown()).not.toContain('edit_file');
});

test('what a server wrote cannot draw on the terminal, and a diff does not hide other arguments', async () => {
  const { person, input, shown } = terminal();
  input.write('n\n');
  await person.ask(
    question({
      title: 'harmless\u001b[2J',
      arguments: { patch: '-a\n+b', target: '/etc/passwd\u001b[8m' },
      diff: '-a\n+b\u001b[1A',
    }),
  );
  expect(shown()).toContain('target: "/etc/passwd');
  expect(shown()).toContain('+b');
  expect(shown()).not.toContain('\u001b');
});
