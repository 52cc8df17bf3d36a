/** Our host as a program opens it: journals in `state.db`, guards as they are by default. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Config } from '../../src/config/config.ts';
import { guardSettings } from '../../src/config/guard-settings.ts';
import { DEFAULT_MEMORY } from '../../src/config/memory-settings.ts';
import { DEFAULT_RUNS } from '../../src/config/runs-settings.ts';
import { DEFAULT_SERVE } from '../../src/config/serve-settings.ts';
import type { HostOptions } from '../../src/host/contract.ts';
import { createHost, type Host } from '../../src/host/host.ts';
import { allowAll } from '../../src/host/tool-call/policy.ts';
import { TOOL_SERVER } from '../agent-loop/task.ts';
import { MODEL } from './task.ts';

export interface OwnHostOptions extends Pick<HostOptions, 'workflows'> {
  readonly modelUrl: string;
  readonly maxTurns?: number;
  /** Whether it has a server with tools. */
  readonly tools?: boolean;
}

/** The name under which a model is offered the one tool that is called. */
export const ADD_TOOL = 'everything__add';

/** In a home folder of its own, which goes with it. */
export async function openOwnHost(options: OwnHostOptions): Promise<Host> {
  const homeFolder = mkdtempSync(join(tmpdir(), 'switchyard-orchestration-'));
  const host = await createHost({
    config: configOf(homeFolder, options),
    homeFolder,
    workingFolder: homeFolder,
    env: {},
    log: () => undefined,
    policy: allowAll('benchmark'),
    ...(options.workflows ? { workflows: options.workflows } : {}),
  });
  process.once('exit', () => rmSync(homeFolder, { recursive: true, force: true }));
  return host;
}

function configOf(
  homeFolder: string,
  { modelUrl, maxTurns = 20, tools = false }: OwnHostOptions,
): Config {
  return {
    file: join(homeFolder, 'mcp.config.json'),
    folder: homeFolder,
    origin: 'flag',
    servers: tools
      ? [
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
        ]
      : [],
    models: { default: [{ model: `anthropic/${MODEL}`, baseUrl: modelUrl, apiKey: 'none' }] },
    budget: { maxTurns, maxRepeats: 3 },
    guards: guardSettings(),
    naming: 'prefixed',
    maxNameLength: 47,
    maxResultTokens: 8_000,
    memory: DEFAULT_MEMORY,
    workflows: {},
    serve: DEFAULT_SERVE,
    runs: DEFAULT_RUNS,
    logs: { level: 'info', keepDays: 1, maxBytes: 1_000_000 },
    notices: [],
    approvals: [],
    launchHash: '',
  };
}
