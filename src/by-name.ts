/** Entries of the catalog by each name that is understood for them: the one that is shown, and `server__name`. */
export interface Named {
  readonly name: string;
  /** Where the name that is shown is another. */
  readonly prefixedName?: string;
}

export function byName<Entry extends Named>(entries: readonly Entry[]): ReadonlyMap<string, Entry> {
  const table = new Map<string, Entry>();
  for (const entry of entries) {
    table.set(entry.name, entry);
    if (entry.prefixedName !== undefined) table.set(entry.prefixedName, entry);
  }
  return table;
}

export function isCalled({ name, prefixedName }: Named, wanted: string): boolean {
  return name === wanted || prefixedName === wanted;
}
