import picomatch from 'picomatch';

import type { ToolSummary } from '../../context.ts';

/** Whether a tool's name fits one of the globs: the one that is shown, or `server__tool`. None fits an empty list. */
export function toolFilter(
  globs: readonly string[],
): (tool: Pick<ToolSummary, 'name' | 'prefixedName'>) => boolean {
  if (globs.length === 0) return () => false;
  const fits = picomatch([...globs]);
  return ({ name, prefixedName }) => fits(name) || (prefixedName !== undefined && fits(prefixedName));
}
