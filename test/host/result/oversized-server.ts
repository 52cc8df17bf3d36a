import { join } from 'node:path';

import type { StdioDefinition } from '../../../src/config/server-definition.ts';

/** The server `big`, whose answers are too large (test/fixtures/mcp/oversized.ts). */
export function oversizedServer(): StdioDefinition {
  return {
    type: 'stdio',
    name: 'big',
    disabled: false,
    start: 'on-use',
    trust: 'annotations',
    timeoutMs: 120_000,
    tools: {},
    command: process.execPath,
    args: [join(import.meta.dirname, '../../fixtures/mcp/oversized.ts')],
    env: {},
  };
}
