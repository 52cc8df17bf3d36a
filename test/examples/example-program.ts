/** The programs of `examples/` as they stand there, each in a process of its own, with a scripted model behind the real wire. */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';

import { COMPILE_CACHE } from '../fixtures/compile-cache.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');

export interface ExampleOptions {
  readonly home: string;
  readonly modelUrl: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

export interface ExampleEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function exampleFolder(name: string): string {
  return join(EXAMPLES, name);
}

/** What a person would have set: a key, and here where the model is. */
export function exampleEnvironment(modelUrl: string): Readonly<Record<string, string>> {
  return {
    // Servers of the examples are started as "node".
    PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    ANTHROPIC_API_KEY: 'sk-ant-scripted-0123456789',
    ANTHROPIC_BASE_URL: modelUrl,
    // Searching by words is enough here.
    SWITCHYARD_EMBEDDER: '/nowhere',
  };
}

/** `node <file> …` in the folder of the example. */
export function runExample(
  [example, file]: readonly [string, string],
  args: readonly string[],
  options: ExampleOptions,
): Promise<ExampleEnd> {
  const child = spawn(process.execPath, ['--conditions=switchyard-source', file, ...args], {
    cwd: exampleFolder(example),
    env: {
      ...COMPILE_CACHE,
      ...exampleEnvironment(options.modelUrl),
      HOME: options.home,
      SWITCHYARD_HOME: options.home,
      ...options.env,
    },
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  child.stdin.end(options.input ?? '');
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...output, code }));
  });
}
