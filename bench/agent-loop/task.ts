/** What every subject does in one turn, and what it tells of it. */
import { join } from 'node:path';

export const MODEL = 'claude-sonnet-5';
export const REQUEST = 'What is 40 plus 7?';
export const INSTRUCTIONS =
  'You answer the request of one person. Use a tool when the answer depends on one.';
/** How the model's answer begins; the tool's result follows. */
export const ANSWER =
  'The two numbers were added by the tool that this server offers for it, and the sum that it gave back is';

/** A legacy MCP server over stdio, so that no subject has a newer protocol than another. */
export const TOOL_SERVER = {
  command: process.execPath,
  args: [join(import.meta.dirname, '../../test/fixtures/mcp/everything.ts'), '--legacy'],
} as const;

export interface Figures {
  /** One turn at a time, in ms. */
  readonly turnMs: readonly number[];
  /** `CONCURRENT_RUNS` runs at once. */
  readonly turnsPerSecond: number;
  /** Processor time of the subject's own process for a turn, taken while runs went side by side. */
  readonly processorMsPerTurn: number;
  readonly rssMb: number;
}

export const WARM_UP_TURNS = 100;
export const TURNS = 200;
export const CONCURRENT_RUNS = 20;
export const CONCURRENT_TURNS = 800;
