// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a config stand in plain strings.
import { afterEach, beforeEach, expect, test } from 'vitest';

import { describeLaunches, trustConfig } from '../../src/config/trust.ts';
import { type ConfigFolder, configFolder, failureOf } from './config-folder.ts';

let folder: ConfigFolder;
beforeEach(() => {
  folder = configFolder();
});
afterEach(() => folder[Symbol.dispose]());

const ALLOW = { tool: 'files__write_file', arguments: { path: '^notes/' }, decision: 'allow' };

test('rules are read with their variables, in their order', async () => {
  const rules = [
    { arguments: { path: '^${PROJECT}/' }, decision: 'ask', reason: 'ours' },
    { decision: 'deny' },
  ];
  const { approvals } = await folder.loadText(JSON.stringify({ approvals: rules }), { PROJECT: 'orchard' });
  expect(approvals).toEqual([
    { arguments: { path: '^orchard/' }, decision: 'ask', reason: 'ours' },
    { decision: 'deny' },
  ]);
  expect((await folder.loadText('{}')).approvals).toEqual([]);
});

test.each([
  [
    'an unknown decision',
    '{"approvals": [\n{"decision": "alow"}]}',
    /2:14 approvals\[0\]\.decision.*'allow'/,
  ],
  [
    'an unknown key',
    '{"approvals": [{"tol": "x", "decision": "deny"}]}',
    /1:17 approvals\[0\]\.tol.*Did you mean 'tool'/,
  ],
  ['an unknown annotation', '{"approvals": [{"annotation": "readonly", "decision": "deny"}]}', /read-only/],
  ['no decision', '{"approvals": [{"tool": "x"}]}', /decision: is missing/],
  [
    'a pattern that RE2 has not',
    '{"approvals": [{"arguments": {"path": "(?=x)"},\n "decision": "deny"}]}',
    /1:39 approvals\[0\]\.arguments\.path: is no pattern of RE2/,
  ],
])('%s is a problem with its place', async (_what, text, message) => {
  const error = await failureOf(folder.loadText(text));
  expect(error.code).toBe('config-invalid');
  expect(error.message).toMatch(message);
});

test('a config found in a folder allows nothing before a person has seen what', async () => {
  const write = (rules: readonly object[], rest: object = {}) =>
    folder.write('mcp.config.json', JSON.stringify({ approvals: rules, ...rest }));
  const file = write([{ tool: 'files__*', decision: 'deny' }, ALLOW]);
  const error = await failureOf(folder.load());
  expect(error.code).toBe('config-untrusted');
  expect(error.message).toContain(
    'approvals: without a question: files__write_file where path fits "^notes/"',
  );
  await trustConfig(file, folder.home);
  expect((await folder.load()).approvals).toHaveLength(2);

  // What comes before decides what the rule allows: without the denial it allows more.
  write([ALLOW]);
  expect((await failureOf(folder.load())).code).toBe('config-untrusted');
  write([{ tool: 'files__*', decision: 'deny', reason: 'told differently' }, ALLOW], {
    budget: { maxTurns: 2 },
  });
  expect((await folder.load()).approvals).toHaveLength(2);
  // By bare names it allows other tools.
  write([{ tool: 'files__*', decision: 'deny' }, ALLOW], { naming: 'bare' });
  expect((await failureOf(folder.load())).message).toContain('by the names that servers give their tools');
  // Without one that allows, rules only ask and deny more than the default does.
  write([{ decision: 'deny' }, { tool: 'x', decision: 'ask' }]);
  expect((await folder.load()).approvals).toHaveLength(2);
});

test('neither the name of a server nor a rule can draw on the terminal of the person who is asked', async () => {
  folder.write(
    'mcp.config.json',
    JSON.stringify({
      mcpServers: { 'evil\u001b[2K\rgood': { command: 'evil' } },
      approvals: [{ tool: 'x\u001b[8m', arguments: { 'a\nb': '\u202e' }, decision: 'allow' }],
    }),
  );
  const { message } = await failureOf(folder.load());
  expect(message).toContain(String.raw`"evil\u001b[2K\rgood": starts evil`);
  expect(message).toContain(String.raw`"x\u001b[8m" where "a\nb" fits "\u202e"`);
  expect(message).not.toMatch(/[\u202e\r]/);
  expect(message).not.toContain('\u001b');
});

test('a config found in a folder turns off no guard unseen', async () => {
  const file = folder.write('mcp.config.json', '{"guards": {"secrets": false, "injection": "off"}}');
  expect((await failureOf(folder.load())).message).toContain('guards: without guards for secrets, injection');
  expect(describeLaunches(file).map(({ id }) => id)).toEqual(['guards']);
  folder.write('mcp.config.json', '{"guards": {"secrets": true, "injection": "deny"}}');
  expect((await folder.load()).guards.injection).toBe('deny');
});
