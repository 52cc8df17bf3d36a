/** `npm run bench -- <name> [arguments]`: runs one benchmark after printing what it runs on. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { printVersions } from './report.ts';

/** What is no benchmark in this folder. */
const HELPERS = new Set(['run.ts', 'report.ts', 'compat.ts']);

const PACKAGES = [
  '@modelcontextprotocol/client',
  '@modelcontextprotocol/server',
  '@lancedb/lancedb',
  'ai',
  'zod',
];

const folder = import.meta.dirname;
const [name, ...argv] = process.argv.slice(2);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && !HELPERS.has(file))
  .map((file) => file.slice(0, -'.ts'.length))
  .sort();

if (name === undefined || !names.includes(name)) {
  const problem = name === undefined ? 'Name a benchmark' : `There is no benchmark '${name}'`;
  console.error(`${problem}: ${names.join(', ')}.\nFor example: npm run bench -- ${names[0] ?? 'NAME'}`);
  process.exitCode = 2;
} else {
  const module: { readonly main?: (argv: readonly string[]) => Promise<void> | void } = await import(
    pathToFileURL(join(folder, `${name}.ts`)).href
  );
  if (module.main === undefined) throw new Error(`bench/${name}.ts exports no function 'main'`);
  printVersions(PACKAGES);
  console.log();
  await module.main(argv);
}
