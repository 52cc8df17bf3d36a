/** Our host as a program uses it: the real registry, every run journaled in `state.db`, one reader of the run's events. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Config } from '../../src/config/config.ts';
import { guardSettings } from '../../src/config/guard-settings.ts';
import { DEFAULT_MEMORY } from '../../src/config/memory-settings.ts';
import { DEFAULT_RUNS } from '../../src/config/runs-settings.ts';
import { DEFAULT_SERVE } from '../../src/config/serve-settings.ts';
import { DEFAULT_WEBHOOKS } from '../../src/config/webhooks-settings.ts';
import { createHost } from '../../src/host/host.ts';
import { allowAll } from '../../src/host/tool-call/policy.ts';
import { measure } from './measure.ts';
import { MODEL, REQUEST, TOOL_SERVER } from './task.ts';

const [modelUrl = ''] = process.argv.slice(2);
const homeFolder = mkdtempSync(join(tmpdir(), 'switchyard-agent-loop-'));

const config: Config = {
  file: join(homeFolder, 'mcp.config.json'),
  folder: homeFolder,
  origin: 'flag',
  servers: [
    {
      name: 'everything',
      type: 'stdio',
      ...TOOL_SERVER,
      env: {},
      disabled: false,
      start: 'on-use',
      trust: 'annotations',
      timeoutMs: 60_000,
      tools: {},
    },
  ],
  models: { default: [{ model: `anthropic/${MODEL}`, baseUrl: modelUrl, apiKey: 'none' }] },
  budget: { maxTurns: 20, maxRepeats: 3 },
  guards: guardSettings(),
  naming: 'prefixed',
  maxNameLength: 47,
  maxResultTokens: 8_000,
  memory: DEFAULT_MEMORY,
  workflows: {},
  triggers: {},
  webhooks: DEFAULT_WEBHOOKS,
  serve: DEFAULT_SERVE,
  runs: DEFAULT_RUNS,
  logs: { level: 'info', keepDays: 1, maxBytes: 1_000_000 },
  notices: [],
  approvals: [],
  launchHash: '',
};

const host = await createHost({
  config,
  homeFolder,
  workingFolder: homeFolder,
  env: {},
  log: () => undefined,
  policy: allowAll('benchmark'),
});

async function run(): Promise<string> {
  const handle = await host.ask(REQUEST);
  let streamed = '';
  for await (const event of handle.events()) {
    if (event.type === 'text-delta') streamed += event.text;
  }
  const outcome = await handle.result;
  if (outcome.type !== 'done') throw new Error(`The run ended as ${JSON.stringify(outcome)}`);
  return streamed;
}

await measure(run);
await host[Symbol.asyncDispose]();
rmSync(homeFolder, { recursive: true, force: true });
