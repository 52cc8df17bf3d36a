/** Figures of one question's ranking; relevance is binary. */

export function ndcgAt(limit: number, found: readonly string[], relevant: ReadonlySet<string>): number {
  const gain = (place: number): number => 1 / Math.log2(place + 2);
  const reached = found
    .slice(0, limit)
    .reduce((sum, name, place) => sum + (relevant.has(name) ? gain(place) : 0), 0);
  let best = 0;
  for (let place = 0; place < Math.min(limit, relevant.size); place += 1) best += gain(place);
  return best === 0 ? 0 : reached / best;
}

export function recallAt(limit: number, found: readonly string[], relevant: ReadonlySet<string>): number {
  return hits(limit, found, relevant) / relevant.size;
}

export function precisionAt(limit: number, found: readonly string[], relevant: ReadonlySet<string>): number {
  return hits(limit, found, relevant) / limit;
}

/** One over the place of the first relevant one; 0 where none is among the first `limit`. */
export function reciprocalRankAt(
  limit: number,
  found: readonly string[],
  relevant: ReadonlySet<string>,
): number {
  const place = found.slice(0, limit).findIndex((name) => relevant.has(name));
  return place < 0 ? 0 : 1 / (place + 1);
}

function hits(limit: number, found: readonly string[], relevant: ReadonlySet<string>): number {
  return found.slice(0, limit).filter((name) => relevant.has(name)).length;
}
