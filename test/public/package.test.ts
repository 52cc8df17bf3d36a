/** The package as a program elsewhere has it: built, imported by its name, and its types checked without leniency. */
import { spawn } from 'node:child_process';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { packageRoot } from '../../src/config/package-root.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const PROGRAM = `
import { chain, openHost, type RunContext } from 'switchyard';

const count = async (_context: RunContext, text: string) => ({ words: text.split(' ').length });
await using host = await openHost({ config: 'config.json', workflows: { report: chain([count]) } });
const outcome = await (await host.run('report', 'oak ash elder')).result;
if (outcome.type !== 'done') throw new Error(outcome.type);
const words: number = outcome.output.words;
console.log(words);
async function misused() {
  // @ts-expect-error: a name that is none
  await host.run('reprt', 'oak');
  // @ts-expect-error: another input
  await host.run('report', { words: 3 });
}
`;

const SETTINGS = {
  compilerOptions: {
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable'],
    module: 'nodenext',
    strict: true,
    noEmit: true,
    types: ['node'],
    skipLibCheck: false,
  },
  files: ['program.ts'],
};

test('a program elsewhere has its types and runs', { timeout: 300_000 }, async () => {
  const root = packageRoot();
  await using folder = await temporaryFolder('package');
  const own = join(folder.path, 'node_modules', 'switchyard');
  await mkdir(join(folder.path, 'node_modules', '@types'), { recursive: true });
  await mkdir(own);
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const built = await node([compiler, '-p', 'tsconfig.build.json', '--outDir', join(own, 'dist')], root);
  expect(built).toEqual({ code: 0, output: '' });
  await cp(join(root, 'package.json'), join(own, 'package.json'));
  await symlink(join(root, 'node_modules'), join(own, 'node_modules'));
  for (const name of ['@types/node', 'undici-types'])
    await symlink(join(root, 'node_modules', name), join(folder.path, 'node_modules', name));
  const files = {
    'package.json': { type: 'module' },
    'config.json': {},
    'tsconfig.json': SETTINGS,
  };
  for (const [name, value] of Object.entries(files))
    await writeFile(join(folder.path, name), JSON.stringify(value));
  await writeFile(join(folder.path, 'program.ts'), PROGRAM);
  expect(await node([compiler, '-p', '.'], folder.path)).toEqual({ code: 0, output: '' });
  const ran = await node(['program.ts'], folder.path, { SWITCHYARD_HOME: join(folder.path, 'home') });
  expect(ran).toEqual({ code: 0, output: '3\n' });
});

type Ended = { readonly code: number | null; readonly output: string };

function node(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const child = spawn(process.execPath, [...args], { cwd, env: { ...process.env, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  child.on('close', (code) => resolve({ code, output }));
  return promise;
}
