/** Whether a client takes answers of all these types. One that does not say takes any. */
export function accepts(header: string | undefined, ...types: readonly string[]): boolean {
  if (header === undefined) return true;
  const ranges = header.split(',').map((range) => range.split(';', 1)[0]?.trim().toLowerCase());
  return types.every((type) =>
    [type, `${type.split('/', 1)[0]}/*`, '*/*'].some((range) => ranges.includes(range)),
  );
}
