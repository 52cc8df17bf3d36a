import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { TIER_MODELS } from '../../src/host/model/providers.ts';
import { type Finished, switchyard } from '../fixtures/command-line.ts';
import { startModelServer } from '../fixtures/model/model-server.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('an alias that nothing here answers to: the request fails, with what to set', async () => {
  await using folder = await temporaryFolder('alias');
  await writeFile(join(folder.path, 'config.json'), '{}');
  const options = { cwd: folder.path, home: join(folder.path, 'home') };
  const { code, stdout, stderr } = await switchyard(
    ['run', '--config', 'config.json', '--model', 'smart', 'Hello?'],
    options,
  );
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/No model is in reach for 'smart'\. Known: default\..*set ANTHROPIC_API_KEY/);
});

test('fast, smart, a route and a cascade: for a request, for an agent, and told in words and as events', async () => {
  await using folder = await temporaryFolder('alias');
  await using server = await startModelServer({
    script: ({ model }) => ({ type: 'answer', text: model === 'cheap' ? '' : `I am ${model}.` }),
  });
  const at = (model: string) => ({ model: `openai/${model}`, baseUrl: server.openaiUrl, apiKey: 'none' });
  const models = {
    auto: { route: { candidates: [at('weak'), { ...at('strong'), goodAt: ['code'] }, 'local'] } },
    careful: { cascade: [at('cheap'), 'smart'] },
  };
  const workflows = { wise: { agent: { model: 'smart', tools: [] } } };
  await writeFile(join(folder.path, 'config.json'), JSON.stringify({ models, workflows }));
  const env = { ANTHROPIC_API_KEY: 'sk-ant-0123456789', ANTHROPIC_BASE_URL: server.url };
  const command = (...args: readonly string[]): Promise<Finished> =>
    switchyard([...args, '--config', 'config.json'], {
      cwd: folder.path,
      home: join(folder.path, 'home'),
      env,
    });
  const nameOf = (alias: 'fast' | 'smart'): string => TIER_MODELS[alias][0].model.replace('anthropic/', '');

  expect(await command('run', '--model', 'fast', 'Who?')).toMatchObject({
    code: 0,
    stdout: `I am ${nameOf('fast')}.\n`,
  });
  expect((await command('run', '--workflow', 'wise', 'Who?')).stdout).toBe(`I am ${nameOf('smart')}.\n`);

  const routed = await command('run', '--model', 'auto', 'What is 2+2');
  expect(routed.stdout).toBe('I am weak.\n');
  expect(routed.stderr).toMatch(
    /auto → openai\/weak \(complexity \d+, general; \+0 strong enough: up to 33.*left out: local \(is not in reach\)\)/,
  );
  const events = (await command('run', '--model', 'auto', '--json', 'Debug `a.ts`')).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly type: string; readonly model?: string });
  expect(events.find(({ type }) => type === 'model-route')).toMatchObject({
    model: 'openai/strong',
    complexity: { domain: 'code' },
  });

  const cascade = await command('run', '--model', 'careful', 'Who?');
  expect(cascade.stdout).toBe(`I am ${nameOf('smart')}.\n`);
  expect(cascade.stderr).toMatch(/openai\/cheap is not enough \(empty: .*anthropic\/claude-\S+ is asked/);
  expect(cascade.stderr).not.toContain('Starting over');

  const { stdout } = await command('models', 'list');
  expect(stdout).toMatch(
    /auto +configured +ready +one of openai\/weak, openai\/strong, local \(not in reach\)/,
  );
  expect(stdout).toMatch(/careful +configured +ready +openai\/cheap, then where that is not enough smart/);
  expect(stdout).toMatch(/smart +builtin +ready +anthropic\/claude-/);
  expect(stdout).toMatch(/local +builtin +- /);
});
