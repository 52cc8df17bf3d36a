import type { Ranked } from './lexical.ts';

/** Cormack, Clarke, Büttcher: Reciprocal Rank Fusion (SIGIR 2009), with the constant of the paper. */
const RANK_CONSTANT = 60;

/** One ranking out of several; what stands high in more of them stands higher. Ties keep the order of the first. */
export function fuse(rankings: readonly (readonly Ranked[])[], limit: number): readonly Ranked[] {
  const scores = new Map<number, number>();
  for (const ranking of rankings) {
    for (const [index, { number }] of ranking.entries()) {
      scores.set(number, (scores.get(number) ?? 0) + 1 / (RANK_CONSTANT + index + 1));
    }
  }
  return [...scores]
    .map(([number, score]) => ({ number, score }))
    .sort((left, right) => right.score - left.score)
    .slice(0, limit);
}
