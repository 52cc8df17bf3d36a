/** How far a parsed value reaches. Level by level, without recursion: what is refused for its depth must not overflow the stack. */

export interface ExtentLimits {
  /** Arrays and objects in each other. */
  readonly maxDepth: number;
  /** Arrays, objects, and keys of objects, all together; what stands in an array otherwise does not count. */
  readonly maxParts: number;
}

/** What is over its limit; undefined where nothing is. Ends as soon as something is. */
export function excessOf(
  value: unknown,
  { maxDepth, maxParts }: ExtentLimits,
): 'depth' | 'parts' | undefined {
  let level = isContainer(value) ? [value] : [];
  let parts = level.length;
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > maxDepth) return 'depth';
    const next: object[] = [];
    for (const container of level) {
      const values: readonly unknown[] = Array.isArray(container) ? container : Object.values(container);
      if (!Array.isArray(container)) parts += values.length;
      for (const one of values) {
        if (isContainer(one)) {
          next.push(one);
          parts += 1;
        }
        if (parts > maxParts) return 'parts';
      }
    }
    level = next;
  }
  return undefined;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
