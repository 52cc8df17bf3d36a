/** Points of a candidate for a request: arithmetic only, the same for the same numbers. */
import type { Complexity, Domain } from './complexity.ts';
import type { Latency } from './latency-book.ts';

/** What counts, and how much; 1 is as usual, and what is left out does not count. */
export type RouteWeights = {
  readonly complexity?: number;
  readonly cost?: number;
  readonly latency?: number;
};

export interface Rateable {
  /** The complexity, from 0 to 100, up to which it is strong enough. */
  readonly upTo: number;
  readonly goodAt: readonly Domain[];
  /** Expected for the request; undefined is unknown. */
  readonly costUsd: number | undefined;
  /** As measured; undefined is not yet. */
  readonly latency: Latency | undefined;
}

export type Rating = { readonly score: number; readonly reasons: readonly string[] };

/** For each point of complexity that a candidate is too weak by: above about ten, no price makes up for it. */
const WEAK_POINTS = 3;
const DOMAIN_POINTS = 15;
const COST_POINTS = 30;
const LATENCY_POINTS = 20;

export interface RateOptions {
  readonly by: RouteWeights;
  readonly complexity: Complexity;
  readonly outputTokens: number;
}

/** In the order given. Cost and time count relative to the costliest and the slowest of those that are rated. */
export function rate(candidates: readonly Rateable[], options: RateOptions): readonly Rating[] {
  const { by, complexity, outputTokens } = options;
  const costliest = largest(candidates.map(({ costUsd }) => costUsd));
  const times = candidates.map(({ latency }) => latency && answerMs(latency, outputTokens));
  const slowest = largest(times);
  const timePoints = times.map((ms) => ms && LATENCY_POINTS * saved(ms, slowest));
  return candidates.map((candidate, index) => {
    const ms = times[index];
    const parts = [
      ...parted(by.complexity, complexityParts(candidate, complexity)),
      ...parted(by.cost, [costPart(candidate.costUsd, costliest)]),
      ...parted(by.latency, [latencyPart(ms, timePoints[index] ?? LATENCY_POINTS / 2)]),
    ].filter(({ points, reason }) => points !== 0 || reason !== '');
    return {
      score: Math.round(parts.reduce((total, { points }) => total + points, 0)),
      reasons: parts.map(({ points, reason }) => `${signed(points)} ${reason}`),
    };
  });
}

interface Part {
  readonly points: number;
  readonly reason: string;
}

function parted(weight: number | undefined, parts: readonly Part[]): readonly Part[] {
  if (weight === undefined || weight === 0) return [];
  return parts.map(({ points, reason }) => ({ points: points * weight, reason }));
}

function complexityParts({ upTo, goodAt }: Rateable, { score, domain }: Complexity): readonly Part[] {
  const tooWeakBy = Math.max(0, score - upTo);
  return [
    tooWeakBy === 0
      ? { points: 0, reason: `strong enough: up to ${upTo}, and the request has ${score}` }
      : { points: -WEAK_POINTS * tooWeakBy, reason: `too weak: up to ${upTo}, and the request has ${score}` },
    ...(goodAt.includes(domain) ? [{ points: DOMAIN_POINTS, reason: `good at ${domain}` }] : []),
  ];
}

function costPart(costUsd: number | undefined, costliest: number): Part {
  if (costUsd === undefined) return { points: 0, reason: 'cost: the price is unknown' };
  return { points: COST_POINTS * saved(costUsd, costliest), reason: `cost: about $${dollars(costUsd)}` };
}

function latencyPart(ms: number | undefined, points: number): Part {
  if (ms === undefined) return { points, reason: 'time: not measured yet, taken for middling' };
  return { points, reason: `time: about ${Math.round(ms)} ms` };
}

function answerMs({ firstTokenMs, msPerToken }: Latency, outputTokens: number): number {
  return firstTokenMs + msPerToken * outputTokens;
}

/** From 0 for the most to 1 for nothing. */
function saved(value: number, most: number): number {
  return most === 0 ? 0 : 1 - value / most;
}

function largest(values: readonly (number | undefined)[]): number {
  return Math.max(0, ...values.filter((value) => value !== undefined));
}

function dollars(amount: number): string {
  return amount === 0 ? '0' : String(Number(amount.toPrecision(2)));
}

function signed(points: number): string {
  const rounded = Math.round(points);
  return rounded < 0 ? `−${-rounded}` : `+${rounded}`;
}
