/** Globs over names of tools that fit none, told with the name that is meant most likely. */
import picomatch from 'picomatch';

import { nearestName } from '../../nearest-name.ts';
import type { ToolSummary } from '../context.ts';

type Named = Pick<ToolSummary, 'name' | 'prefixedName'>;

/** In their order. One that excludes fits by itself. */
export function unfitGlobs(globs: readonly string[], tools: readonly Named[]): readonly string[] {
  return globs.filter((glob) => {
    if (glob.startsWith('!')) return false;
    const fits = picomatch(glob);
    return !tools.some(
      ({ name, prefixedName }) => fits(name) || (prefixedName !== undefined && fits(prefixedName)),
    );
  });
}

export function unfitText(glob: string, tools: readonly Named[]): string {
  const names = tools.map(({ name }) => name);
  // What stands for anything is left out of the comparison.
  const nearest = names.length === 0 ? undefined : nearestName(glob.replaceAll(/[*?]/g, ''), names);
  return `No tool fits "${glob}".${nearest === undefined ? ' No server offers any tool.' : ` The nearest is ${nearest}.`}`;
}
