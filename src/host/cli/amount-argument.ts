/** Times and sizes as they are typed: `90d`, `500MB`. */
import { InvalidArgumentError } from 'commander';

const TIMES: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const SIZES: Readonly<Record<string, number>> = { kb: 1_000, mb: 1_000_000, gb: 1_000_000_000 };

/** Milliseconds. */
export function time(text: string): number {
  return amount(text, TIMES, 'It must be a time such as 90m, 12h, 30d or 4w.');
}

/** Bytes. */
export function size(text: string): number {
  return amount(text, SIZES, 'It must be a size such as 900kB, 500MB or 2GB.');
}

function amount(text: string, units: Readonly<Record<string, number>>, problem: string): number {
  const [, count = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text.trim()) ?? [];
  const factor = units[unit.toLowerCase()];
  if (count === '' || factor === undefined) throw new InvalidArgumentError(problem);
  return Math.round(Number(count) * factor);
}
