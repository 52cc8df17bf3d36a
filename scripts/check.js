// Types, lint, format and the import law, side by side; fails when one of them fails and shows only those that did.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const checks = {
  types: ['tsc', '--noEmit'],
  format: ['biome', 'check', '.'],
  lint: ['oxlint', '--type-aware', 'src', 'test', 'bench', 'examples'],
  'unused code': ['knip'],
  'import law': ['node', '--no-warnings', 'scripts/import-law.js'],
};

const results = await Promise.all(Object.entries(checks).map(([name, command]) => run(name, command)));
for (const { name, code, output, ms } of results) {
  process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${(ms / 1000).toFixed(1)} s)\n`);
  if (code !== 0) process.stdout.write(`${output}\n`);
}
process.exitCode = results.every(({ code }) => code === 0) ? 0 : 1;

function run(name, [command, ...args]) {
  const started = performance.now();
  const path = `${join(root, 'node_modules', '.bin')}:${process.env.PATH}`;
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env: { ...process.env, PATH: path } });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) =>
      resolve({ name, code: 1, output: error.message, ms: performance.now() - started }),
    );
    child.on('close', (code) => resolve({ name, code: code ?? 1, output, ms: performance.now() - started }));
  });
}
