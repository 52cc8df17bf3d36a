/** Of the catalog's tools, those that a loop may use. */
import type { RunContext, ToolSummary } from '../context.ts';

export type ToolFilter = (tool: ToolSummary) => boolean;

type Tools = readonly ToolSummary[];

export interface OfferedTools {
  readonly all: Tools;
  readonly fitting: Tools;
}

/**
 * All of them without a filter; with `none` the catalog is not asked. Runs with the same filter over the same catalog are
 * given the same list, by which what was made of its definitions is found.
 */
export async function offeredTools(
  context: RunContext,
  offers: ToolFilter | 'none' | undefined,
): Promise<OfferedTools> {
  if (offers === 'none') return NOTHING;
  const { tools: all } = await context.tools.list(context);
  return { all, fitting: offers === undefined ? all : fittingOf(all, offers) };
}

const NOTHING: OfferedTools = { all: [], fitting: [] };
const lists = new WeakMap<ToolFilter, WeakMap<Tools, Tools>>();

function fittingOf(all: Tools, offers: ToolFilter): Tools {
  const known = lists.get(offers) ?? new WeakMap<Tools, Tools>();
  lists.set(offers, known);
  const fitting = known.get(all) ?? all.filter(offers);
  known.set(all, fitting);
  return fitting;
}
