/** What every subject does in one run, and what it tells of it. */
import { join } from 'node:path';

export const MODEL = 'claude-sonnet-5';
export const REQUEST = 'Add 40 and 1, then 40 and 2, and so on to 40 and 10.';
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
  /** Of runs one at a time: their time divided by their turns, in ms. */
  readonly turnMs: readonly number[];
  /** `CONCURRENT_RUNS` runs at once. */
  readonly turnsPerSecond: number;
  /** Processor time of the subject's own process for a turn, taken while runs went side by side. */
  readonly processorMsPerTurn: number;
  readonly rssMb: number;
}

/** Of one run: in each the model asks for the tool once; after the last it answers. */
export const TURNS_A_RUN = 10;
export const WARM_UP_RUNS = 20;
export const RUNS = 60;
export const CONCURRENT_RUNS = 20;
export const RUNS_WHILE_CONCURRENT = 120;
