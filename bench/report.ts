/** What every benchmark needs: where the data is, what it ran on, medians with their spread, and tables. */
import { existsSync, readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * A folder or file of the test data, which stays outside of the repository: BENCH_DATA, or `../shared/data` beside it.
 * Undefined, with a line that says so, where it is absent.
 */
export function benchData(...path: string[]): string | undefined {
  const root = process.env['BENCH_DATA'] ?? join(import.meta.dirname, '..', '..', 'shared', 'data');
  const found = resolve(root, ...path);
  if (existsSync(found)) return found;
  console.log(`Skipped: ${found} is absent. Set BENCH_DATA to the folder that holds '${path.join('/')}'.`);
  return undefined;
}

/** One line each: Node, the system, its processors, and the packages whose versions decide the figures. */
export function printVersions(packages: readonly string[] = []): void {
  const processors = cpus();
  const memoryGb = Math.round(totalmem() / 1e9);
  console.log(`node ${process.version}, ${process.platform} ${release()} ${process.arch}`);
  console.log(`${processors.length} × ${processors[0]?.model.trim() ?? 'unknown processor'}, ${memoryGb} GB`);
  for (const name of packages) console.log(`${name} ${packageVersion(name)}`);
}

function packageVersion(name: string): string {
  const file = join(import.meta.dirname, '..', 'node_modules', ...name.split('/'), 'package.json');
  if (!existsSync(file)) return 'not installed';
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const version =
    typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, 'version') : undefined;
  return typeof version === 'string' ? version : 'unknown';
}

/** The value below which the given share of the values lies, between neighbours linearly; NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** `1.93 (1.80–2.41)`: the median and the range from the tenth to the ninetieth hundredth. */
export function spread(values: readonly number[], digits = 2): string {
  const [low, middle, high] = [0.1, 0.5, 0.9].map((share) => quantile(values, share).toFixed(digits));
  return `${middle} (${low}–${high})`;
}

/** Columns aligned; numbers to the right where a column holds nothing else below its heading. */
export function printTable(
  heading: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): void {
  const texts = [heading, ...rows].map((row) => row.map(String));
  const widths = heading.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)));
  const isNumeric = heading.map((_, column) =>
    rows.every((row) => /^[\d.,]/.test(String(row[column] ?? '0'))),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) =>
        isNumeric[column] ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const [first = [], ...rest] = texts;
  console.log(line(first));
  console.log(widths.map((width) => '-'.repeat(width)).join('  '));
  for (const row of rest) console.log(line(row));
}

/** A generator of numbers in [0, 1) that gives the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** `count` of the items, drawn without repetition, in the order drawn; all of them where there are not so many. */
export function sample<T>(items: readonly T[], count: number, seed: number): T[] {
  const random = seededRandom(seed);
  const rest = [...items];
  const drawn: T[] = [];
  while (drawn.length < count && rest.length > 0) {
    const [item] = rest.splice(Math.floor(random() * rest.length), 1);
    if (item !== undefined) drawn.push(item);
  }
  return drawn;
}
