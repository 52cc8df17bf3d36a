import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { type Finished, switchyard } from '../fixtures/command-line.ts';
import { startModelServer } from '../fixtures/model/model-server.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('run --workflow gives a request to a workflow of the config, and its parts are told on the way', async () => {
  await using folder = await temporaryFolder('workflow');
  await using model = await startModelServer({
    script: ({ system, userText }) => ({
      type: 'answer',
      text: `${system.slice(0, 5)} ${userText}`,
      usage: { inputTokens: 1_000, outputTokens: 1_000 },
    }),
  });
  const price = { inputUsdPerMillion: 100, outputUsdPerMillion: 100 };
  await writeFile(
    join(folder.path, 'config.json'),
    JSON.stringify({
      models: { default: { model: 'anthropic/scripted', baseUrl: model.url, apiKey: 'none', price } },
      workflows: {
        draft: { agent: { instructions: 'DRAFT', tools: [] } },
        essay: { chain: ['draft', { name: 'final', agent: { instructions: 'FINAL', tools: [] } }] },
        each: { map: { each: 'draft', concurrency: 1 } },
      },
    }),
  );
  const run = (...args: readonly string[]): Promise<Finished> =>
    switchyard(['run', '--config', 'config.json', ...args], { cwd: folder.path, home: folder.path });

  const essay = await run('--workflow', 'essay', 'oaks');
  expect(essay).toMatchObject({ code: 0, stdout: 'FINAL DRAFT oaks\n' });
  expect(essay.stderr).toMatch(/▸ 1:draft \(agent\)\n✓ 1:draft done\n▸ 2:final \(agent\)\n✓ 2:final done/);

  const list = await run('--workflow', 'each', '--input-json', '["oak", "elm"]');
  expect(JSON.parse(list.stdout)).toEqual(['DRAFT oak', 'DRAFT elm']);

  const stopped = await run('--workflow', 'essay', '--max-usd', '0.1', 'oaks');
  expect(stopped).toMatchObject({ code: 3, stdout: 'DRAFT oaks\n' });
  expect(stopped.stderr).toMatch(/✓ 1:draft done[\s\S]*The limit of \$0\.1 is reached: \$0\.2000 is spent/);

  const unknown = await run('--workflow', 'esay', 'oaks');
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain('There is no workflow "esay". There are draft, essay, each.');
  expect((await run('--workflow', 'each', '--input-json', '[oak')).code).toBe(2);
  expect((await run('--input-json', '[]')).code).toBe(2);
});

test('config check imports each script once, and says what is wrong with it', async () => {
  await using folder = await temporaryFolder('script-check');
  const [cwd, home] = [folder.path, folder.path];
  const write = (name: string, text: string): Promise<void> => writeFile(join(cwd, name), text);
  const good =
    "console.log('printed');\nexport const run = async (_context: unknown, input: string) => input.length;";
  await write('good.ts', good);
  await write('bad.ts', "throw new Error('no licence');");
  const workflows = {
    good: { script: './good.ts' },
    bad: { script: './bad.ts' },
    gone: { script: './gone.ts' },
  };
  await write('config.json', JSON.stringify({ workflows }));
  const check = await switchyard(['config', 'check', '--config', 'config.json'], { cwd, home });
  expect(check.code).toBe(1);
  expect(check.stdout).toMatch(/\.\/good\.ts +script +ok\n/);
  expect(check.stdout).toMatch(/\.\/bad\.ts +script +it fails as it is imported: no licence/);
  expect(check.stdout).toMatch(/\.\/gone\.ts +script +there is no such file/);
  const run = await switchyard(['run', '--config', 'config.json', '--workflow', 'good', 'oaks'], {
    cwd,
    home,
  });
  expect(run).toMatchObject({ code: 0 });
  expect(run.stdout).toMatch(/4\n$/);
  const failed = await switchyard(['run', '--config', 'config.json', '--workflow', 'bad', 'oaks'], {
    cwd,
    home,
  });
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain(
    'The script ./bad.ts cannot be used: it fails as it is imported: no licence.',
  );
});

test('a run that failed for what its model said can be tried again from one of its steps', async () => {
  await using folder = await temporaryFolder('workflow');
  let isSilent = true;
  await using model = await startModelServer({
    script: ({ system }) =>
      isSilent && system.startsWith('SECOND')
        ? { type: 'answer' }
        : { type: 'answer', text: system.split('\n')[0] ?? '' },
  });
  await writeFile(
    join(folder.path, 'config.json'),
    JSON.stringify({
      models: { default: { model: 'anthropic/scripted', baseUrl: model.url, apiKey: 'none' } },
      workflows: {
        two: {
          chain: [
            { agent: { instructions: 'FIRST', tools: [] } },
            { agent: { instructions: 'SECOND', tools: [] } },
          ],
        },
      },
    }),
  );
  const type = (line: string): Promise<Finished> =>
    switchyard(line.split(' '), { cwd: folder.path, home: folder.path });
  const failed = await type('run --config config.json --workflow two Go');
  expect(failed).toMatchObject({ code: 1, stdout: '' });
  expect(failed.stderr).toContain('It is asked once more.');
  expect(failed.stderr).toContain('scripted answered with nothing (stop reason: end).');
  const fork = /: switchyard (runs fork .* --at) <step>; --model asks another\.$/m.exec(failed.stderr)?.[1];
  isSilent = false;
  const shown = await type(`${fork?.replace(/fork (\S+).*/, 'show $1')}`);
  const first = shown.stdout.split('\n').find((line) => line.includes('model') && line.includes('1/turn-1'));
  expect(await type(`${fork} ${first?.split(' ')[0]}`)).toMatchObject({ code: 0, stdout: 'SECOND\n' });
  expect(model.requests.map(({ system }) => system.split('\n')[0])).toEqual([
    'FIRST',
    'SECOND',
    'SECOND',
    'SECOND',
  ]);
});
