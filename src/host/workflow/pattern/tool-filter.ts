import picomatch from 'picomatch';

import type { ToolSummary } from '../../context.ts';

type ToolFilter = (tool: Pick<ToolSummary, 'name' | 'prefixedName'>) => boolean;

/** Runs of an agent have the same list of globs: what is made of it is made once. */
const filters = new WeakMap<readonly string[], ToolFilter>();

/** Whether a tool's name fits one of the globs: the one that is shown, or `server__tool`. None fits an empty list. */
export function toolFilter(globs: readonly string[]): ToolFilter {
  const known = filters.get(globs);
  if (known !== undefined) return known;
  const fits = globs.length === 0 ? () => false : picomatch([...globs]);
  const filter: ToolFilter = ({ name, prefixedName }) =>
    fits(name) || (prefixedName !== undefined && fits(prefixedName));
  filters.set(globs, filter);
  return filter;
}
