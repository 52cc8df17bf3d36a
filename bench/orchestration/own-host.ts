/** Our host as a program opens it: a config, journals in `state.db`, guards and the log as they are by default. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Host, HostOptions } from '../../src/host/contract.ts';
import { allowAll } from '../../src/host/tool-call/policy.ts';
import { openHost } from '../../src/open-host.ts';
import { TOOL_SERVER } from '../agent-loop/task.ts';
import { MODEL } from './task.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface OwnHostOptions extends Pick<HostOptions, 'workflows'> {
  readonly modelUrl: string;
  readonly maxTurns: number;
  /** Whether it has a server with tools. */
  readonly tools?: boolean;
}

/** The name under which a model is offered the one tool that is called. */
export const ADD_TOOL = 'everything__add';

/** In a home folder of its own, which goes with the process. */
export function openOwnHost({ modelUrl, maxTurns, tools = false, workflows }: OwnHostOptions): Promise<Host> {
  const homeFolder = temporaryFolder('switchyard');
  const config = join(homeFolder, 'mcp.config.json');
  writeFileSync(
    config,
    JSON.stringify({
      mcpServers: tools ? { everything: { ...TOOL_SERVER, trust: 'annotations' } } : {},
      models: { default: { model: `anthropic/${MODEL}`, baseUrl: modelUrl, apiKey: 'none' } },
      budget: { maxTurns },
    }),
  );
  return openHost({
    config,
    homeFolder,
    workingFolder: homeFolder,
    env: {},
    policy: allowAll('benchmark'),
    ...(workflows ? { workflows } : {}),
  });
}
