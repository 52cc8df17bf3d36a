/**
 * Secrets of every origin go through a run of the program: no byte of one is in its output, its events, its log or its
 * state, but for the column of state.db that keeps arguments as they were sent.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { expect, test } from 'vitest';

import { switchyard } from '../../fixtures/command-line.ts';
import { type ModelReply, startModelServer } from '../../fixtures/model/model-server.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

// Put together here, so that no scanner takes the source for a leak.
const SECRETS = {
  ofServer: ['leaky value with spaces/&', '7731'].join(''),
  ofModel: ['sk-test-', '5f8e1c9b7a6d4e3f2a1b0c9d'].join(''),
  ofHost: ['host-side-', 'value-99821'].join(''),
  inFile: ['ghp_', 'Zz9yXx8wVv7uTt6sRr5qPp4oNn3mLl2kJj1i'].join(''),
  inUrl: ['url-side-', 'passw0rd-4417'].join(''),
  inRequest: ['glpat-', 'QwErTy12345AsDfGh678'].join(''),
  bySplit: ['xoxb-', '123456789012-123456789012-AbCdEfGhIjKlMnOpQrStUvWx'].join(''),
  inThinking: ['hvs.', 'Cd9'.repeat(32)].join(''),
  remembered: ['dckr_pat_', 'aB3dE5gH7jK9mN1pQ3sT5vW7yZ9'].join(''),
  sent: ['npm_', 'aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5'].join(''),
} as const;

const PASSWORD_FILE = `# settings\nGITHUB_TOKEN=${SECRETS.inFile}\nDATABASE_URL=postgres://app:${SECRETS.inUrl}@db.example.org/app\nPORT=8080\n`;

const SCRIPT: readonly ModelReply[] = [
  {
    type: 'answer',
    thinking: `The key ${SECRETS.inThinking} is what I think of.`,
    signature: 'signature-of-the-thought',
    text: `I take ${SECRETS.bySplit} first.`,
    toolCalls: [
      { name: 'filesystem__read_file', arguments: { path: 'settings.env' } },
      ...['tell', 'progress', 'fail', 'reject', 'large'].map((tool) => ({
        name: `leaky__${tool}`,
        arguments: {},
      })),
      { name: 'leaky__save', arguments: { text: `sent ${SECRETS.sent}` } },
      { name: 'leaky__save', arguments: { text: 'GITHUB_TOKEN=[redacted: github-token]' } },
      { name: 'memory__remember', arguments: { text: `The deployment token is ${SECRETS.remembered}.` } },
      { name: 'leaky__nothing', arguments: { password: SECRETS.sent } },
      { name: 'leaky__save', rawArguments: `{"text": "${SECRETS.sent}` },
    ],
  },
  {
    type: 'answer',
    text: `Done: ${SECRETS.inFile}, ${SECRETS.ofServer}, ${SECRETS.ofHost}; ${SECRETS.bySplit}`,
  },
];

/** Every form in which one might be found. */
function formsOf(secret: string): readonly Buffer[] {
  const texts = [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('hex'),
    ...[0, 1, 2].map((before) =>
      Buffer.from(`${'x'.repeat(before)}${secret}`)
        .toString('base64')
        .replace(/=+$/, '')
        .slice(4, -4),
    ),
  ];
  return [...new Set(texts)].map((text) => Buffer.from(text));
}

function leaksIn(bytes: Buffer): string[] {
  return Object.entries(SECRETS).flatMap(([name, secret]) => {
    const forms = formsOf(secret).filter((form) => bytes.includes(form));
    return forms.map((form) => `${name}: ${form.toString()}`);
  });
}

test('no secret of a run is in its output, its events, its log or its state', async () => {
  await using folder = await temporaryFolder('secrets');
  const cwd = join(folder.path, 'work');
  const home = join(folder.path, 'home');
  const ledger = join(folder.path, 'ledger');
  await mkdir(cwd);
  await writeFile(join(cwd, 'settings.env'), PASSWORD_FILE);
  await using model = await startModelServer({
    script: (_request, n) => SCRIPT[n] ?? { type: 'answer', text: 'no script' },
  });
  const server = {
    command: process.execPath,
    args: [join(import.meta.dirname, '../../fixtures/mcp/leaky.ts'), ledger],
    env: { LEAKY_API_KEY: '${LEAKY}' },
  };
  const config = {
    mcpServers: {
      filesystem: { builtin: 'filesystem', roots: ['.'] },
      leaky: server,
      memory: { builtin: 'memory' },
    },
    models: { default: { model: 'anthropic/scripted', baseUrl: model.url, apiKey: SECRETS.ofModel } },
    logs: { level: 'debug' },
  };
  await writeFile(join(cwd, 'config.json'), JSON.stringify(config));
  const options = { cwd, home, env: { LEAKY: SECRETS.ofServer, SOME_SECRET: SECRETS.ofHost } };
  const request = `Read settings.env. My own token is ${SECRETS.inRequest}.`;
  const run = await switchyard(
    [
      'run',
      request,
      '--yes',
      '--json',
      '--session',
      'a name of its own',

      '--log-level',
      'debug',
      '--config',
      join(cwd, 'config.json'),
    ],
    options,
  );
  expect([run.code, run.code === 0 ? '' : run.stderr]).toEqual([0, '']);

  // It was a real run: each origin was met, and what was sent arrived as the model wrote it.
  const events = run.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const ends = events
    .filter((event) => event['type'] === 'tool-call-end')
    .map(({ name, outcome }) => `${String(name)} ${String(outcome)}`)
    .sort();
  expect(ends).toEqual([
    'filesystem__read_file complete',
    'leaky__fail tool-error',
    'leaky__large complete',
    'leaky__nothing unknown-tool',
    'leaky__progress complete',
    'leaky__reject tool-error',
    'leaky__save complete',
    'leaky__save denied',
    'leaky__save invalid-arguments',
    'leaky__tell complete',
    'memory__recall complete',
    'memory__remember complete',
  ]);
  expect(await readFile(ledger, 'utf8')).toBe(`sent ${SECRETS.sent}\n`);
  const results = model.requests[1]?.toolResults.map(({ text }) => text) ?? [];
  expect(results[0]).toContain('GITHUB_TOKEN=[redacted: github-token]');
  expect(results[0]).toContain('@db.example.org/app');
  expect(results[0]).toContain('PORT=8080');
  expect(results[7]).toContain('its arguments hold a redaction mark');
  expect(events.some((event) => event['type'] === 'verdict' && event['verdict'] === 'revise')).toBe(true);
  expect(events).toContainEqual(expect.objectContaining({ type: 'notice', code: 'secret-in-request' }));

  expect(leaksIn(Buffer.from(run.stdout))).toEqual([]);
  expect(leaksIn(Buffer.from(run.stderr))).toEqual([]);
  // What a model is told holds none either, but for what it wrote itself.
  const { inThinking: _thought, bySplit: _said, ...fromElsewhere } = SECRETS;
  // A signature is of the thought as it was: a masked thought goes without.
  expect(JSON.stringify(model.requests[1]?.body)).not.toContain('signature-of-the-thought');
  const told = Buffer.from(JSON.stringify(model.requests.map(({ body }) => body)));
  for (const [name, secret] of Object.entries(fromElsewhere)) {
    if (name !== 'sent' && name !== 'remembered')
      expect([name, told.includes(secret)]).toEqual([name, false]);
  }

  const files = await readdir(home, { recursive: true, withFileTypes: true });
  const read = files.filter((file) => file.isFile() && !file.parentPath.includes('compile-cache'));
  expect(read.map(({ name }) => name)).toContain('state.db');
  expect(read.some(({ name }) => name.endsWith('.jsonl'))).toBe(true);
  let isRemembered = false;
  for (const file of read) {
    const path = join(file.parentPath, file.name);
    const bytes = await readFile(path);
    isRemembered ||= path.includes('memory') && bytes.includes('The deployment token is [redacted');
    const leaks = leaksIn(bytes);
    if (file.name.startsWith('state.db')) {
      expect([path, leaks.filter((leak) => !/^(?:sent|remembered):/.test(leak))]).toEqual([path, []]);
    } else expect([path, leaks]).toEqual([path, []]);
  }
  expect(isRemembered).toBe(true);
  expect(columnsWithLeaks(join(home, 'state.db'))).toEqual(['tool_calls.arguments', 'journal.body']);
  expect(stepsWithLeaks(join(home, 'state.db'))).toEqual(['step model', 'step prepare']);
});

/** What of a journal holds a secret: what a model wrote as arguments, and what was sent. */
function stepsWithLeaks(file: string): readonly string[] {
  using database = new DatabaseSync(file, { readOnly: true });
  const rows = database.prepare('SELECT type, name, body FROM journal').all();
  const leaking = rows.filter(({ body }) => leaksIn(Buffer.from(String(body))).length > 0);
  return [...new Set(leaking.map(({ type, name }) => `${String(type)} ${String(name)}`))].sort();
}

/** The columns of a database that hold a secret. */
function columnsWithLeaks(file: string): readonly string[] {
  using database = new DatabaseSync(file, { readOnly: true });
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  return tables.flatMap(({ name }) => {
    const rows = database.prepare(`SELECT * FROM "${String(name)}"`).all();
    const columns = new Set(rows.flatMap((row) => Object.keys(row)));
    return [...columns]
      .filter((column) => rows.some((row) => leaksIn(Buffer.from(String(row[column]))).length > 0))
      .map((column) => `${String(name)}.${column}`);
  });
}
