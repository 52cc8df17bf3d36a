/** The workflows that the host has without a config: the agent, quotes where there is no model, and what helps them. */
import type { Guards } from './guard/verdict.ts';
import type { HostRegistry } from './host-registry.ts';
import type { HostMemory } from './memory/host-memory.ts';
import type { ResultStore } from './result/contract.ts';
import type { Workflows } from './runs.ts';
import type { SessionLog } from './session/contract.ts';
import { createReadResource } from './tool-call/read-resource.ts';
import { agentWorkflow } from './workflow/agent.ts';
import { createAttach } from './workflow/attachment.ts';
import { compactWorkflow } from './workflow/compact.ts';
import { agentInstructions } from './workflow/instructions.ts';
import { quoteWorkflow } from './workflow/quote.ts';
import { singleToolWorkflow } from './workflow/single-tool.ts';

export interface OwnWorkflowsOptions {
  readonly registry: HostRegistry['registry'];
  readonly guards: Guards;
  readonly results: ResultStore;
  readonly sessions: SessionLog;
  readonly memory: HostMemory['server'];
  readonly maxResultTokens: () => number;
  readonly workingFolder: string;
}

export function createOwnWorkflows(options: OwnWorkflowsOptions): Workflows {
  const { registry, guards, results, sessions, memory, maxResultTokens, workingFolder } = options;
  const readResource = createReadResource({ registry, guards, results, maxResultTokens });
  return {
    agent: agentWorkflow({
      instructions: () =>
        agentInstructions({
          workingFolder,
          today: new Date(),
          naming: registry.naming,
          servers: registry.servers(),
        }),
      guards,
      attach: createAttach({ registry, readResource }),
      sessions,
      memory,
    }),
    quote: quoteWorkflow(guards, sessions),
    compact: compactWorkflow(sessions),
    singleTool: singleToolWorkflow(guards, sessions),
  };
}
