/** Without any model: the right sentence with its file and line, for a file that was added after the first start. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { loadConfig } from '../../src/config/load-config.ts';
import { createHost } from '../../src/host/host.ts';
import { denyAll } from '../../src/host/tool-call/policy.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const QUESTIONS = [
  ['Who planted the orchard at Highfield?', 'Edith Marlow', 3],
  ['How many trees stand in the orchard today?', '310', 3],
  ['What is the oldest pear tree called?', 'Old Tom', 7],
  ['Why do plums grow only along the southern wall?', 'frost collects', 8],
  ['When does pruning begin?', 'first Monday', 12],
  ['Who owns the bees?', 'Mr Okafor', 12],
  ['How long may the pump run a day?', 'three hours', 13],
  ['In which month is cider pressed?', 'November', 19],
  ['Who is the warden?', 'Lena Brandt', 21],
] as const;

async function openIn(work: string, home: string) {
  const file = join(work, 'servers.json');
  await writeFile(
    file,
    JSON.stringify({ mcpServers: { retrieval: { builtin: 'retrieval', sources: ['docs'] } } }),
  );
  // No key, and nothing answers where Ollama would.
  const env = { OLLAMA_HOST: '127.0.0.1:9' };
  const config = await loadConfig({ configFile: file, workingFolder: work, homeFolder: home, env });
  return createHost({
    config,
    homeFolder: home,
    workingFolder: work,
    env,
    log: () => undefined,
    policy: denyAll('test', 'nobody is here'),
  });
}

test('nine questions on a file that was added after the first start are answered by the right sentence', async () => {
  await using folder = await temporaryFolder('quote');
  const work = join(folder.path, 'work');
  const home = join(folder.path, 'home');
  await mkdir(join(work, 'docs'), { recursive: true });
  await writeFile(join(work, 'docs', 'other.md'), '# Harbour\n\nThe harbour master is called Moira.\n');
  {
    await using first = await openIn(work, home);
    const outcome = await (await first.ask('Who is the harbour master?')).result;
    expect(outcome).toMatchObject({ type: 'done', output: { origin: 'quote' } });
  }
  await copyFile(join(import.meta.dirname, '../fixtures/orchard.md'), join(work, 'docs', 'orchard.md'));
  await using second = await openIn(work, home);
  for (const [question, words, line] of QUESTIONS) {
    const outcome = await (await second.ask(question)).result;
    const quotes = outcome.type === 'done' && outcome.output.origin === 'quote' ? outcome.output.quotes : [];
    expect(quotes[0], question).toMatchObject({
      text: expect.stringContaining(words),
      source: 'docs/orchard.md',
      line,
    });
  }
});

test('a folder without documents is said to hold nothing, and a host without retrieval says how to add it', async () => {
  await using folder = await temporaryFolder('quote');
  await mkdir(join(folder.path, 'docs'));
  await using host = await openIn(folder.path, join(folder.path, 'home'));
  const outcome = await (await host.ask('Is anybody here?')).result;
  expect(outcome).toMatchObject({
    type: 'done',
    output: { quotes: [], text: expect.stringContaining('Nothing') },
  });

  const env = { OLLAMA_HOST: '127.0.0.1:9' };
  const file = join(folder.path, 'empty.json');
  await writeFile(file, '{ "mcpServers": {} }');
  const config = await loadConfig({
    configFile: file,
    workingFolder: folder.path,
    homeFolder: folder.path,
    env,
  });
  await using bare = await createHost({
    config,
    homeFolder: folder.path,
    workingFolder: folder.path,
    env,
    log: () => undefined,
    policy: denyAll('test', 'nobody is here'),
  });
  expect(await (await bare.ask('Is anybody here?')).result).toMatchObject({
    type: 'failed',
    error: { code: 'no-retrieval' },
  });
});
