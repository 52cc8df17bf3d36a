/** How much of a model's window the instructions and tools of a request may take. */
import type { ModelTool } from '../model/model.ts';
import { estimateTokens } from '../model/token-estimate.ts';

export interface FixedParts {
  readonly system: string;
  readonly tools: readonly ModelTool[];
}

const toolTokens = new WeakMap<readonly ModelTool[], number>();
const systemTokens = new Map<string, number>();

export function fixedPartTokens({ system, tools }: FixedParts): number {
  return systemPartTokens(system) + toolPartTokens(tools);
}

/** One text at a time: all requests of a run, and mostly all runs of a program, have the same instructions. */
function systemPartTokens(system: string): number {
  const known = systemTokens.get(system);
  if (known !== undefined) return known;
  const counted = estimateTokens(system);
  systemTokens.clear();
  systemTokens.set(system, counted);
  return counted;
}

function toolPartTokens(tools: readonly ModelTool[]): number {
  const known = toolTokens.get(tools);
  if (known !== undefined) return known;
  const counted = tools.reduce((total, tool) => total + estimateTokens(JSON.stringify(tool)), 0);
  toolTokens.set(tools, counted);
  return counted;
}
