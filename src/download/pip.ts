/** Fetches wheels with whichever pip there is. Nothing of them is installed or run. */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface PipDownloadOptions {
  /** A requirements file with exact versions and hashes: pip refuses any other bytes. */
  readonly requirements: string;
  /** Where the wheels shall be; it exists. */
  readonly folder: string;
  /** Called with each command before it is tried. */
  readonly onCommand?: (command: string) => void;
  readonly signal?: AbortSignal;
  /** Tried in turn; the first that succeeds ends it. */
  readonly installers?: readonly Installer[];
  readonly timeoutMs?: number;
}

/** A command that takes pip's arguments after its own. */
export interface Installer {
  readonly command: string;
  readonly args: readonly string[];
}

export type PipDownload =
  | { readonly ok: true; readonly installer: Installer }
  /** What every installer said, in one line. */
  | { readonly ok: false; readonly reason: string };

const INSTALLERS: readonly Installer[] = [
  { command: 'python3', args: ['-m', 'pip'] },
  { command: 'python', args: ['-m', 'pip'] },
  { command: 'pip', args: [] },
  { command: 'pip3', args: [] },
  { command: 'uv', args: ['tool', 'run', 'pip'] },
];

const TIMEOUT_MS = 300_000;
const KEPT_OUTPUT_CHARACTERS = 600;

/** Rejects only with the signal's reason. The folder also gets the requirements file. */
export async function pipDownload({
  requirements,
  folder,
  onCommand = () => undefined,
  signal,
  installers = INSTALLERS,
  timeoutMs = TIMEOUT_MS,
}: PipDownloadOptions): Promise<PipDownload> {
  const file = join(folder, 'requirements.txt');
  await writeFile(file, requirements);
  const deadline = AbortSignal.any([
    AbortSignal.timeout(timeoutMs),
    ...(signal === undefined ? [] : [signal]),
  ]);
  const failures: string[] = [];
  for (const installer of installers) {
    const { command, args } = installer;
    const shown = [command, ...args].join(' ');
    onCommand(shown);
    const failure = await run(command, [...args, ...downloadArguments(file, folder)], deadline);
    if (failure === undefined) return { ok: true, installer };
    signal?.throwIfAborted();
    failures.push(`${shown}: ${failure}`);
  }
  return { ok: false, reason: failures.join('; ') };
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
