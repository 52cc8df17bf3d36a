import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { LOCAL_MODELS } from '../../src/local-model/catalog.ts';
import { modelsFolder, partialFile } from '../../src/local-model/folder.ts';
import { switchyard } from '../fixtures/command-line.ts';
import { startHub } from '../fixtures/local/hub.ts';
import { installScriptedRuntime, writeScript } from '../fixtures/local/scripted-model.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

/** Nothing listens there: no hub. */
const NO_HUB = { HF_ENDPOINT: 'http://127.0.0.1:9' };

describe('what goes wrong', () => {
  test('without a terminal nothing is pulled unasked: exit 2, with what it would be and the command', async () => {
    await using folder = await temporaryFolder('models');
    const options = { cwd: folder.path, home: join(folder.path, 'home'), env: NO_HUB };
    const { code, stdout, stderr } = await switchyard(['models', 'pull'], options);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(
      /local-1\.5b.*1,117 MB, licence Apache-2\.0.*unofficial upload.*Qwen's published hash/,
    );
    expect(stderr).toMatch(/MB of disk and about 2\.2 GB of memory/);
    expect(stderr).toContain('switchyard models pull local-1.5b --yes');
    expect(existsSync(modelsFolder(options.home))).toBe(false);
  });

  test('the hub that has it is named as the source', async () => {
    await using folder = await temporaryFolder('models');
    await using hub = await startHub({ content: Buffer.from('x') });
    const env = { HF_ENDPOINT: hub.url };
    const { stderr } = await switchyard(['models', 'pull', 'local-4b'], {
      cwd: folder.path,
      home: join(folder.path, 'home'),
      env,
    });
    expect(stderr).toMatch(/local-4b.*from 127\.0\.0\.1:\d+ \(bartowski\//);
    expect(stderr).not.toContain('unofficial');
  });

  test('an unknown model names those there are, and a model without a source says so', async () => {
    await using folder = await temporaryFolder('models');
    const options = { cwd: folder.path, home: join(folder.path, 'home'), env: NO_HUB };
    const unknown = await switchyard(['models', 'pull', 'gpt'], options);
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/local-4b, local-1\.5b, local-0\.5b/),
    });
    const unreachable = await switchyard(['models', 'pull', 'local-4b', '--yes'], options);
    expect(unreachable).toMatchObject({ code: 1, stderr: expect.stringContaining('HF_ENDPOINT') });
  });

  test('Ctrl-C in the middle of a pull ends it with 130, and what came is kept', async () => {
    await using folder = await temporaryFolder('models');
    const home = join(folder.path, 'home');
    const [model] = LOCAL_MODELS;
    if (model === undefined) throw new Error('the catalog has lost its models');
    installScriptedRuntime(home);
    await mkdir(modelsFolder(home), { recursive: true });
    await writeFile(partialFile(home, model), Buffer.alloc(1_000));
    await using hub = await startHub({ content: Buffer.alloc(1_000), isSilent: true });
    let interrupted = false;
    const finished = await switchyard(['models', 'pull', model.name, '--yes'], {
      cwd: folder.path,
      home,
      env: { HF_ENDPOINT: hub.url },
      onOutput: (_, signal) => {
        void hub.asked.then(() => {
          if (!interrupted) signal('SIGINT');
          interrupted = true;
        });
      },
    });
    expect(finished.code).toBe(130);
    expect(finished.stderr).toContain('Stopped. What came is kept');
    const listed = await switchyard(['models', '--json'], { cwd: folder.path, home, env: NO_HUB });
    expect(JSON.parse(listed.stdout).models).toContainEqual(
      expect.objectContaining({ name: model.id, ready: false, detail: expect.stringContaining('0% pulled') }),
    );
  });
});

test('list names what the config, the keys and the catalog offer, and removing what is not there says so', async () => {
  await using folder = await temporaryFolder('models');
  const home = join(folder.path, 'home');
  const config = join(folder.path, 'own.json');
  await writeFile(config, JSON.stringify({ models: { quick: 'groq/llama', mine: 'local/1.5b' } }));
  const options = { cwd: folder.path, home, env: { ...NO_HUB, MISTRAL_API_KEY: 'sk-0123456789abcdef' } };
  const { stdout, code } = await switchyard(['models', 'list', '--config', config], options);
  expect(code).toBe(0);
  expect(stdout).toMatch(/quick +configured +- +groq\/llama \(no key: set GROQ_API_KEY\)/);
  expect(stdout).toMatch(/mine +configured +- +local\/1\.5b \(not pulled/);
  expect(stdout).toMatch(/smart +builtin +- +nothing that it could mean is in reach/);
  expect(stdout).toMatch(/mistral\/… +key +ready +MISTRAL_API_KEY is set/);
  expect(stdout).toMatch(/local\/1\.5b +local +- +Qwen2\.5 Coder 1\.5B.*models pull local-1\.5b/);
  expect(stdout).not.toContain('0123456789');
  const removed = await switchyard(['models', 'remove', 'local-0.5b'], options);
  expect(removed).toMatchObject({ code: 0, stderr: expect.stringContaining('was not there') });
});

test('run with a GGUF file of the config: the answer with its source on stdout, and the process ends', async () => {
  await using folder = await temporaryFolder('models');
  const home = join(folder.path, 'home');
  installScriptedRuntime(home);
  await mkdir(join(folder.path, 'docs'));
  await writeFile(
    join(folder.path, 'docs', 'harbour.md'),
    '# Harbour\n\nThe harbour master is called Moira.\n',
  );
  writeScript(join(folder.path, 'my.gguf'), [{ when: 'Text: .*Moira', say: '{"answer":"Moira"}' }]);
  const config = join(folder.path, 'own.json');
  const mcpServers = { retrieval: { builtin: 'retrieval', sources: ['docs'] } };
  const models = { default: { model: 'local/my', file: 'my.gguf', tools: 'grammar' } };
  await writeFile(config, JSON.stringify({ mcpServers, models }));
  const { code, stdout, stderr } = await switchyard(
    ['run', 'Who is the harbour master?', '--config', config],
    { cwd: folder.path, home },
  );
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout).toBe(
    'Small local model: one tool per question, answers only restate the result. Check the source below.\n\n' +
      'The harbour master is called Moira.\n  — docs/harbour.md:3\n',
  );
});
