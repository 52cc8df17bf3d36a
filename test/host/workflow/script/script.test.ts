/** Steps that a person wrote in files of their own, in a host over a config that is edited while it runs. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { tryScript } from '../../../../src/host/workflow/script/try-script.ts';
import type { Json, JsonObject } from '../../../../src/json.ts';
import { openScriptHost, type ScriptHost } from '../../../fixtures/script-host.ts';

let host: ScriptHost;
let work: string;
beforeEach(async () => {
  host = await openScriptHost();
  work = await host.work();
});
afterEach(() => host[Symbol.asyncDispose]());

const CLEAN = {
  workflows: {
    clean: { script: './steps/clean.ts' },
    twice: { chain: ['clean', { name: 'again', script: './steps/clean.ts' }] },
    other: { script: './other.mjs' },
  },
};

async function write(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(work, name)), { recursive: true });
  await writeFile(join(work, name), text);
}

/** Writes the files and the config, and accepts what they start. */
async function open(files: Readonly<Record<string, string>>, config: JsonObject = CLEAN): Promise<void> {
  for (const [name, text] of Object.entries(files)) await write(name, text);
  await host.edit(config);
  await host.accept();
}

async function outcomeOf(workflow: string, input: Json): Promise<Json | undefined> {
  const outcome = await host.run(workflow, input);
  if (outcome.type === 'done') return outcome.output;
  if (outcome.type === 'failed') return `${outcome.error.code}: ${outcome.error.message}`;
  throw new Error(`unforeseen: ${outcome.type}`);
}

const GREETING = `
  import { readFileSync } from 'node:fs';
  import { greeting } from './words.ts';
  import type { RunContext } from 'switchyard';
  export async function run(context: RunContext, input: string): Promise<string> {
    const at = await context.step('look', async () => 'seen');
    return \`\${greeting as string} \${input}, \${at}\`;
  }`;

describe('a script', () => {
  test('is a workflow and a step of others, with what it imports', async () => {
    await open({
      'steps/clean.ts': GREETING,
      'steps/words.ts': "export const greeting: string = 'Hello';",
      'other.mjs':
        "import { chain, named } from 'switchyard';\nexport default chain([named('a', async (_c, input) => [input]), async (_c, list) => ({ list })]);",
    });
    expect(await outcomeOf('clean', 'oak')).toBe('Hello oak, seen');
    expect(await outcomeOf('twice', 'oak')).toBe('Hello Hello oak, seen, seen');
    expect(await outcomeOf('other', 1)).toEqual({ list: [1] });
  });

  test.each([
    ['throws as it is imported', "throw new Error('no licence');", /it fails as it is imported: no licence/],
    ['does not parse', 'export const run = (', /it fails as it is imported: /],
    ['exports nothing', 'const a = 1;', /it exports nothing\. Export the workflow/],
    ['exports something else', 'export const clean = 1, other = 2;', /it exports clean, other and no 'run'/],
    ['exports no function', 'export const run = 5;', /its 'run' is no function/],
    [
      'waits for ever as it is imported',
      'await new Promise(() => {});\nexport const run = () => 1;',
      /never comes/,
    ],
    ['ends the process', 'process.exit(3);', /it ends the process as it is imported/],
    [
      'imports what was not read',
      "const where = './hidden' + '.ts'; await import(where);",
      /hidden\.ts, which was not found as the config was read/,
    ],
  ])('that %s fails its own workflow, and says so', async (_what, text, message) => {
    await open({
      'steps/clean.ts': text,
      'steps/hidden.ts': 'export {};',
      'other.mjs': 'export const run = async () => "still here";',
    });
    expect(await outcomeOf('clean', 'oak')).toMatch(
      /^script-invalid: The script \.\/steps\/clean\.ts cannot be used: /,
    );
    expect(await outcomeOf('clean', 'oak')).toMatch(message);
    expect(await outcomeOf('other', 1)).toBe('still here');
  });

  test('that is missing is told as the config is read, and comes to be when it is there', async () => {
    await open({ 'other.mjs': 'export const run = async () => 1;' });
    expect(await host.notices()).toMatchObject([
      { level: 'warn', line: 1, message: expect.stringContaining('there is no such file') as string },
      { message: expect.stringContaining("'./steps/clean.ts'") as string },
    ]);
    expect(await outcomeOf('clean', 'oak')).toMatch(/script-invalid.*there is no such file/);
    expect(await outcomeOf('other', 1)).toBe(1);
    await write('steps/clean.ts', 'export const run = async () => 2;');
    await host.accept();
    expect(await outcomeOf('clean', 'oak')).toBe(2);
  });

  test('that rejects, or gives what is no JSON, fails with its name; an error of the host passes as it is', async () => {
    const text = (body: string): string => `
      import { HostError } from 'switchyard';
      export async function run(context, input) { ${body} }`;
    await open({ 'steps/clean.ts': text("throw new TypeError('no oak')") });
    expect(await outcomeOf('clean', 1)).toBe('script-failed: The script ./steps/clean.ts failed: no oak');
    for (const [body, failure] of [
      ['return () => 1', 'script-failed: The script ./steps/clean.ts gave what is no JSON: a function.'],
      ['const a = {}; a.a = a; return a', /^script-failed: .* gave what is no JSON: .*circular/],
      ["throw new HostError('gate-closed', 'Not this way.')", 'gate-closed: Not this way.'],
      ['return undefined', null],
    ] as const) {
      await write('steps/clean.ts', text(body));
      await host.accept();
      const outcome = await outcomeOf('clean', 1);
      if (failure instanceof RegExp) expect(outcome).toMatch(failure);
      else expect(outcome).toEqual(failure);
    }
  });
});

describe('an edit of a script', () => {
  test('waits for a yes, and until then what was accepted runs', async () => {
    await open({
      'steps/clean.ts': "export const run = async () => 'first';",
      'other.mjs': 'export const run = async () => 1;',
    });
    await write('steps/clean.ts', "export const run = async () => 'second';");
    expect(await host.reload()).toMatchObject({
      state: 'waits',
      launches: [
        { id: 'scripts../steps/clean.ts', summary: expect.stringContaining('runs the code of') as string },
      ],
    });
    // It was never imported before it was changed, and is gone from the disk by now.
    await rm(join(work, 'steps'), { recursive: true });
    expect(await outcomeOf('clean', 1)).toBe('first');
    await write('steps/clean.ts', "export const run = async () => 'second';");
    expect(await host.accept()).toMatchObject({ state: 'current' });
    expect(await outcomeOf('clean', 1)).toBe('second');
  });

  test('of a file that it imports waits, too, and another script of the same edit is not run at all', async () => {
    await open({ 'steps/clean.ts': GREETING, 'steps/words.ts': "export const greeting = 'Hello';" });
    await write('steps/words.ts', "export const greeting = 'Goodbye';");
    await write('more.ts', 'export const run = async () => 1;');
    await host.edit({ workflows: { ...CLEAN.workflows, more: { script: './more.ts' } } });
    expect(await outcomeOf('clean', 'oak')).toBe('Hello oak, seen');
    expect(await outcomeOf('more', 1)).toMatch(/script-unaccepted: .*config trust/);
    await host.accept();
    expect(await outcomeOf('clean', 'oak')).toBe('Goodbye oak, seen');
    expect(await outcomeOf('more', 1)).toBe(1);
  });

  test('is told to a run that goes on with it, and one that no longer fits is left', async () => {
    const waiting = (before: string, after: string): string => `
      export async function run(context) {
        await context.step('${before}', async () => 1);
        await context.waitFor('go');
        return '${after}';
      }`;
    await open({ 'steps/clean.ts': waiting('begin', 'first') });
    const left = async (): Promise<string> => {
      const outcome = await host.run('clean', 1);
      expect(outcome).toMatchObject({ type: 'suspended', reason: 'waiting' });
      return outcome.runId;
    };
    const [one, other] = [await left(), await left()];
    await write('steps/clean.ts', waiting('begin', 'second'));
    await host.accept();
    const { outcome, events } = await host.resume(one, 'go');
    expect(outcome).toMatchObject({ type: 'done', output: 'second' });
    const resume = events.find(({ type }) => type === 'run-resume');
    expect(resume).toMatchObject({ changed: { from: expect.stringMatching(/^[0-9a-f]{12}$/) as string } });

    await write('steps/clean.ts', waiting('another step', 'third'));
    await host.accept();
    const unfit = await host.resume(other, 'go');
    expect(unfit.outcome).toMatchObject({ type: 'suspended', reason: 'mismatch' });
  });
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: a variable of a config stands in a plain string.
test.each([
  ['${PLACE:-.}/clean.ts', 'a path without variables'],
  ['./clean.sh', 'expected a file whose name ends in .ts, .mts, .js, .mjs'],
])('the path %s is refused as the config is read', async (script, message) => {
  expect(await host.edit({ workflows: { clean: { script } } })).toMatchObject({
    state: 'rejected',
    message: expect.stringContaining(message) as string,
  });
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: above

test('one that failed as it was imported is tried again with the next run: what it needs may be there by then', async () => {
  const needed = join(work, 'needed');
  await open(
    {
      'other.mjs': `
        import { existsSync } from 'node:fs';
        if (!existsSync(${JSON.stringify(needed)})) throw new Error('it is not there');
        export const run = async () => 'done';`,
    },
    { workflows: { other: { script: './other.mjs' } } },
  );
  expect(await outcomeOf('other', '')).toMatch(/^script-invalid: .*it is not there/);
  await writeFile(needed, '');
  expect(await outcomeOf('other', '')).toBe('done');
});

test('one that never stops as it is imported is given up after its time', async () => {
  const text = 'for (;;);';
  const fault = await tryScript(
    { file: '/x/y.ts', hash: 'endless', files: { '/x/y.ts': text } },
    { timeoutMs: 1_000 },
  );
  expect(fault).toBe('it does not come to an end within 1 s as it is imported');
});
