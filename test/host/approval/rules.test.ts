import { expect, test } from 'vitest';

import type { ApprovalRule } from '../../../src/config/approval-rule.ts';
import { type Ruled, strictestOf } from '../../../src/host/approval/rules.ts';

const CALL: Ruled = {
  name: 'files__write_file',
  ownName: 'write_file',
  server: 'files',
  traits: { readOnly: false, destructive: true, idempotent: false, openWorld: true },
  arguments: { path: 'notes/a.md', edits: [{ oldText: 'a/b', line: 7 }], 'a/b': 'c' },
};

async function decision(rules: readonly ApprovalRule[], call: Partial<Ruled> = {}): Promise<string> {
  return (await strictestOf(() => [rules])())({ ...CALL, ...call }).decision;
}

test.each<[string, Omit<ApprovalRule, 'decision'>, boolean]>([
  ['everything', {}, true],
  ['the exposed name', { tool: 'files__write_file' }, true],
  ['a glob', { tool: 'files__w*' }, true],
  ['braces', { tool: '{files,web}__*' }, true],
  ['another tool', { tool: 'files__read_*' }, false],
  ['the own name without its server, which any server could take', { tool: 'write_file' }, false],
  ['the own name beside its server', { server: 'files', tool: 'write_*' }, true],
  ['another server', { server: 'file', tool: 'write_file' }, false],
  ['a destructive tool', { annotation: 'destructive' }, true],
  ['a tool that is not read-only', { annotation: 'not-read-only' }, true],
  ['a read-only tool', { annotation: 'read-only' }, false],
  ['an idempotent tool', { annotation: 'idempotent' }, false],
  ['a tool that stays at home', { annotation: 'not-open-world' }, false],
  ['an argument', { arguments: { path: '^notes/' } }, true],
  ['all arguments', { arguments: { path: '^notes/', 'a/b': 'd' } }, false],
  ['an argument that is not there', { arguments: { content: '' } }, false],
  ['an inherited name', { arguments: { constructor: '' } }, false],
  ['a JSON pointer', { arguments: { '/edits/0/oldText': '^a/b$' } }, true],
  ['an escaped JSON pointer', { arguments: { '/a~1b': 'c' } }, true],
  ['a JSON pointer into nothing', { arguments: { '/edits/3/oldText': '' } }, false],
  ['a number', { arguments: { '/edits/0/line': '^7$' } }, true],
  ['a list as JSON', { arguments: { edits: '"oldText":"a/b"' } }, true],
])('a rule for %s', async (_what, rule, fits) => {
  expect(await decision([{ ...rule, decision: 'deny' }])).toBe(fits ? 'deny' : 'ask');
});

test('a tool that is shown by its own name is also known by that with its server', async () => {
  const shown = { name: 'write_file', prefixedName: 'files__write_file' };
  expect(await decision([{ tool: 'files__*', decision: 'deny' }], shown)).toBe('deny');
  expect(await decision([{ tool: 'write_*', decision: 'allow' }], shown)).toBe('allow');
});

test('what is denied by a bare name stays denied when another server has it, too, and what is allowed does not stay so', async () => {
  const bare = async (wanted: ApprovalRule['decision']) => {
    const rules = await strictestOf(
      () => [[{ tool: 'write_file', decision: wanted }]],
      () => 'bare',
    )();
    return rules(CALL).decision;
  };
  expect(await bare('deny')).toBe('deny');
  expect(await bare('allow')).toBe('ask');
});

test('the first rule that fits decides, and the default asks for what is not read-only', async () => {
  const rules: readonly ApprovalRule[] = [
    { tool: 'files__*', arguments: { path: '^secret/' }, decision: 'deny' },
    { tool: 'files__*', decision: 'allow' },
    { decision: 'deny' },
  ];
  expect(await decision(rules)).toBe('allow');
  expect(await decision(rules, { arguments: { path: 'secret/x' } })).toBe('deny');
  expect(await decision(rules, { name: 'web__fetch', server: 'web' })).toBe('deny');
  expect(await decision([])).toBe('ask');
  expect(await decision([], { traits: { ...CALL.traits, readOnly: true } })).toBe('allow');
});

test('an anchored pattern is not passed by a line break, and a hostile pattern takes no time', async () => {
  const anchored: readonly ApprovalRule[] = [{ arguments: { path: '^notes/[a-z.]+$' }, decision: 'allow' }];
  expect(await decision(anchored, { arguments: { path: 'notes/a.md' } })).toBe('allow');
  expect(await decision(anchored, { arguments: { path: 'notes/a.md\n/etc/passwd' } })).toBe('ask');
  expect(await decision(anchored, { arguments: { path: '/etc/passwd\nnotes/a.md' } })).toBe('ask');
  // Exponential for a backtracking engine: this test would not end.
  const hostile: readonly ApprovalRule[] = [{ arguments: { path: '^(a+)+$' }, decision: 'deny' }];
  expect(await decision(hostile, { arguments: { path: `${'a'.repeat(100_000)}!` } })).toBe('ask');
});

test('of two lists the stricter one holds', async () => {
  const lists = (...all: (readonly ApprovalRule[])[]) => strictestOf(() => all);
  const allow: readonly ApprovalRule[] = [{ decision: 'allow' }];
  const deny: readonly ApprovalRule[] = [{ tool: 'files__*', decision: 'deny', reason: 'new' }];
  expect((await lists(allow, deny)())(CALL)).toMatchObject({ decision: 'deny', rule: { reason: 'new' } });
  expect((await lists(deny, allow)())(CALL).decision).toBe('deny');
  expect((await lists([], allow)())(CALL).decision).toBe('ask');
});
