/** Memory as a person meets it at the command line: each request is a process of its own. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { switchyard } from '../fixtures/command-line.ts';
import { startModelServer } from '../fixtures/model/model-server.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('what one request says is there for the next one, unless it goes without memory', async () => {
  await using folder = await temporaryFolder('memory-cli');
  await using model = await startModelServer({ script: () => ({ type: 'answer', text: 'Noted.' }) });
  const cwd = join(folder.path, 'project');
  const home = join(folder.path, 'home');
  await mkdir(cwd);
  const config = join(folder.path, 'config.json');
  await writeFile(
    config,
    JSON.stringify({
      mcpServers: { notebook: { builtin: 'memory' } },
      models: {
        default: { model: 'anthropic/scripted', baseUrl: model.url, apiKey: `sk-test-${'0'.repeat(32)}` },
      },
      memory: { recallTimeoutMs: 30_000, startTimeoutMs: 30_000 },
    }),
  );
  const env = { SWITCHYARD_EMBEDDER: join(folder.path, 'none') };
  const run = (...args: string[]) => switchyard(['run', ...args, '--config', config], { cwd, home, env });

  expect(await run('We deploy on Thursdays.')).toMatchObject({ code: 0, stdout: 'Noted.\n' });
  const second = await run('When do we deploy?');
  expect(second).toMatchObject({ code: 0, stdout: 'Noted.\n' });
  expect(second.stderr).toMatch(/→ notebook__recall .*\n.*Recalled 1 memory \(\d{4}-\d\d-\d\d\)\./s);
  expect(model.requests[1]?.userText).toContain('We deploy on Thursdays.');

  const without = await run('--no-memory', 'And when do we deploy? We deploy on Mondays.');
  expect(without.stderr).not.toContain('recall');
  expect(model.requests[2]?.userText).toBe('And when do we deploy? We deploy on Mondays.');
  const facts = await switchyard(['call', 'notebook__list_facts', '--config', config], { cwd, home, env });
  expect(facts.stdout).toContain('We deploy on Thursdays.');
  expect(facts.stdout).toContain('1 of 1 facts.');
});

test('a model that finds no facts does not keep the person: it is said what is waited for, and Ctrl-C leaves', async () => {
  await using folder = await temporaryFolder('memory-cli');
  await using model = await startModelServer({
    script: ({ model: name }) =>
      name === 'cheap' ? { type: 'silence' } : { type: 'answer', text: 'Noted.' },
  });
  const cwd = join(folder.path, 'project');
  const home = join(folder.path, 'home');
  await mkdir(cwd);
  const config = join(folder.path, 'config.json');
  const reach = { baseUrl: model.url, apiKey: `sk-test-${'0'.repeat(32)}` };
  await writeFile(
    config,
    JSON.stringify({
      mcpServers: { notebook: { builtin: 'memory' } },
      models: {
        default: { model: 'anthropic/scripted', ...reach },
        cheap: { model: 'anthropic/cheap', ...reach },
      },
      memory: { startTimeoutMs: 30_000 },
    }),
  );
  let interrupted = false;
  const left = await switchyard(['run', 'We deploy on Thursdays.', '--config', config], {
    cwd,
    home,
    env: { SWITCHYARD_EMBEDDER: join(folder.path, 'none') },
    onOutput: ({ stderr }, signal) => {
      if (interrupted || !stderr.includes('Remembering what was said')) return;
      interrupted = true;
      signal('SIGINT');
    },
  });
  expect(left).toMatchObject({ code: 130, stdout: 'Noted.\n' });
});
