/** What the documentation shows as a whole program or a whole config is one. */
import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { parse } from 'jsonc-parser';
import { describe, expect, test } from 'vitest';

import { loadConfig } from '../../src/config/load-config.ts';
import { fileSchema } from '../../src/config/schema.ts';
import { isJsonObject } from '../../src/json.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const ROOT = join(import.meta.dirname, '../..');
const KEYS = Object.keys(fileSchema.shape);

interface Snippet {
  /** `docs/workflows.md:12` */
  readonly place: string;
  readonly language: string;
  readonly text: string;
}

const SNIPPETS = ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT })].flatMap(snippetsOf);

test('programs compile', async () => {
  const programs = SNIPPETS.filter(({ language, text }) => language === 'ts' && text.startsWith('import '));
  expect(programs.length).toBeGreaterThan(0);
  await mkdir(join(ROOT, '.switchyard'), { recursive: true });
  // Within the package: so "switchyard" is this very program.
  const folder = await mkdtemp(join(ROOT, '.switchyard/snippets-'));
  try {
    for (const { place, text } of programs)
      await writeFile(join(folder, `${place.replaceAll(/[/:]/g, '-')}.ts`), text);
    const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false };
    const config = { extends: '../../tsconfig.json', compilerOptions, include: ['*.ts'] };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const compiler = join(ROOT, 'node_modules/.bin/tsc');
    const { stdout } = await promisify(execFile)(compiler, ['-p', folder], { cwd: ROOT }).catch(
      (error: unknown) => error as { readonly stdout: string },
    );
    expect(stdout).toBe('');
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe('configs are accepted', () => {
  const configs = SNIPPETS.filter(({ language, text }) => {
    if (!language.startsWith('json')) return false;
    const value: unknown = parse(text);
    return isJsonObject(value) && Object.keys(value).some((key) => KEYS.includes(key));
  });

  test.each(configs)('$place', async ({ text }) => {
    await using folder = await temporaryFolder('snippet');
    const file = join(folder.path, 'mcp.config.json');
    await writeFile(file, text);
    const variables = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => [name, 'a-value-of-some-length']);
    const env = Object.fromEntries(variables) as Record<string, string>;
    const options = { workingFolder: folder.path, homeFolder: folder.path, env };
    expect(await loadConfig({ ...options, configFile: file })).toMatchObject({ file });
  });
});

describe('what a guide shows of an example stands in it', () => {
  const shown = SNIPPETS.filter(
    ({ place, language }) => place.startsWith('docs/guides/') && language === 'ts',
  );

  test.each(shown)('$place', ({ place, text }) => {
    const example = /^docs\/guides\/(.*)\.md/.exec(place)?.[1] ?? '';
    const files = globSync(`examples/${example}/*.ts`, { cwd: ROOT });
    const lines = files.flatMap((file) => plainLines(readFileSync(join(ROOT, file), 'utf8')));
    expect(lines).toEqual(expect.arrayContaining(plainLines(text).filter((line) => line !== '…')));
  });
});

function plainLines(text: string): string[] {
  return text.split('\n').map((line) => line.trim());
}

function snippetsOf(file: string): Snippet[] {
  const whole = readFileSync(join(ROOT, file), 'utf8');
  return [...whole.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(
    ({ 1: language = '', 2: text = '', index }) => ({
      place: `${file}:${whole.slice(0, index).split('\n').length}`,
      language,
      text,
    }),
  );
}
