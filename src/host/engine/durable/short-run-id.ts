export const RUN_ID_PREFIX = 'run_';

/** Fewer are hard to tell apart at a glance, and sooner or later not unique any more. */
const LENGTH = 8;

/** The shortest beginnings, without their `run_`, that tell each of these ids from all others. */
export function shortIds(ids: readonly string[]): ReadonlyMap<string, string> {
  const bare = ids.map((id) => id.slice(RUN_ID_PREFIX.length)).sort();
  return new Map(
    bare.map((id, index) => {
      const like = Math.max(common(id, bare[index - 1]), common(id, bare[index + 1]));
      return [`${RUN_ID_PREFIX}${id}`, id.slice(0, Math.max(LENGTH, like + 1))];
    }),
  );
}

function common(one: string, other = ''): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}
