/**
 * Whether arrays and objects lie deeper in each other than `max`. Level by level, without recursion: what has to be refused for
 * its depth must not overflow the stack on the way.
 */
export function isDeeperThan(max: number, value: unknown): boolean {
  let level = containersIn([value]);
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > max) return true;
    level = level.flatMap((one) => containersIn(Array.isArray(one) ? one : Object.values(one)));
  }
  return false;
}

function containersIn(values: readonly unknown[]): object[] {
  return values.filter((value) => typeof value === 'object' && value !== null);
}
