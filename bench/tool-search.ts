/**
 * Tool search beside plain BM25: whether the right tools are among the first, and how long a search takes over 5,000.
 * `npm run bench -- tool-search [--sample COUNT] [--seed NUMBER]`
 */
import { parseArgs } from 'node:util';

import type { ToolEntry } from '../src/registry/contract.ts';
import { ToolIndex } from '../src/registry/search.ts';
import { mean, printTable, quantile, sample } from './report.ts';
import {
  capturedTools,
  heldOutNpm,
  metaTool,
  type Request,
  sealTools,
  type TestSet,
} from './tool-search/data.ts';
import { PlainBm25, toolText } from './tool-search/plain-bm25.ts';

/** The weights in search.ts were chosen on every so many-th request of these sets, which are left out here. */
const METATOOL_TUNING_STRIDE = 10;
const SEAL_TUNING_STRIDE = 4;
const LATENCY_TOOLS = 5000;

export function main(argv: readonly string[]): void {
  const { values } = parseArgs({
    args: [...argv],
    options: { sample: { type: 'string' }, seed: { type: 'string', default: '1' } },
  });
  const seed = Number(values.seed);
  const draw = (requests: readonly Request[]): readonly Request[] =>
    values.sample === undefined ? requests : sample(requests, Number(values.sample), seed);
  const drawn =
    values.sample === undefined ? 'all requests' : `at most ${values.sample} requests a set, seed ${seed}`;
  console.log(
    `Tool search: ${drawn}. The weights were chosen on every tenth one-tool request of MetaTool and every`,
  );
  console.log(
    'fourth of Seal-Tools, which are left out here, with an eye on the other two sets, whose figures may flatter a',
  );
  console.log(
    'little for that. Plain BM25: k1 1.5, b .75, the same texts as one bag of words, common words left out.',
  );
  console.log(
    'npm catalog: the first sentence of each description, without the tool’s name, is the request; the index',
  );
  console.log('sees the rest of the tool. So a request is in the words of the author, not of a person.\n');

  const meta = metaTool();
  const seal = sealTools();
  const sets: [string, TestSet | undefined][] = [
    ['MetaTool, one tool', meta && withoutTuning(meta.single, METATOOL_TUNING_STRIDE)],
    ['MetaTool, two tools', meta?.multi],
    ['Seal-Tools dev', seal && withoutTuning(seal, SEAL_TUNING_STRIDE)],
    ['npm catalog, held-out sentence', heldOutNpm()],
  ];
  const rows = sets.flatMap(([name, set]) =>
    set === undefined ? [] : [qualityRow(name, set, draw(set.requests))],
  );
  if (rows.length > 0) {
    const figures = ['recall@5', 'plain', 'nDCG@10', 'plain'];
    printTable(['set', 'tools', 'requests', ...figures], rows);
  }
  if (seal !== undefined) printLatency(seal, seed);
}

function withoutTuning(set: TestSet, stride: number): TestSet {
  return { ...set, requests: set.requests.filter((_, index) => index % stride !== 0) };
}

function qualityRow(name: string, set: TestSet, requests: readonly Request[]): (string | number)[] {
  const index = new ToolIndex(set.tools);
  const plain = new PlainBm25(set.tools.map(toolText));
  const ours = requests.map(({ query, expected }) =>
    judge(
      index.search(query, { limit: 10 }).map(({ entry }) => entry.name),
      expected,
    ),
  );
  const theirs = requests.map(({ query, expected }) => judge(plain.search(query, 10), expected));
  const figure = (list: readonly Judgement[], key: keyof Judgement): string =>
    mean(list.map((one) => one[key])).toFixed(3);
  return [
    name,
    set.tools.length,
    requests.length,
    figure(ours, 'recallAt5'),
    figure(theirs, 'recallAt5'),
    figure(ours, 'ndcgAt10'),
    figure(theirs, 'ndcgAt10'),
  ];
}

interface Judgement {
  readonly recallAt5: number;
  readonly ndcgAt10: number;
}

/** With binary relevance. */
function judge(found: readonly string[], expected: readonly string[]): Judgement {
  const right = new Set(expected);
  const gain = (place: number): number => 1 / Math.log2(place + 2);
  const sum = (gains: readonly number[]): number => gains.reduce((total, one) => total + one, 0);
  const reached = sum(found.slice(0, 10).map((name, place) => (right.has(name) ? gain(place) : 0)));
  const best = sum(Array.from({ length: Math.min(10, right.size) }, (_, place) => gain(place)));
  return {
    recallAt5: found.slice(0, 5).filter((name) => right.has(name)).length / right.size,
    ndcgAt10: reached / best,
  };
}

function printLatency(seal: TestSet, seed: number): void {
  const all = [...seal.tools, ...capturedTools('npm_mcp_servers'), ...capturedTools('docker_mcp_registry')];
  const tools: readonly ToolEntry[] = all.slice(0, LATENCY_TOOLS);
  const queries = sample(seal.requests, 700, seed).map(({ query }) => query);
  const started = performance.now();
  const index = new ToolIndex(tools);
  const buildMs = performance.now() - started;
  const plain = new PlainBm25(tools.map(toolText));
  const searches: readonly (readonly [string, (query: string) => unknown])[] = [
    ['ours', (query) => index.search(query)],
    ['plain BM25', (query) => plain.search(query, 5)],
  ];
  console.log(`\nLatency over ${tools.length} real tools, ${queries.length} requests of Seal-Tools, ms:`);
  const rows = searches.map(([name, search]) => {
    for (const query of queries.slice(0, 100)) search(query);
    const times = queries.map((query) => {
      const start = performance.now();
      search(query);
      return performance.now() - start;
    });
    return [name, ...[0.5, 0.99, 1].map((share) => quantile(times, share).toFixed(3))];
  });
  printTable(['', 'median', 'p99', 'longest'], rows);
  console.log(`The index was built in ${buildMs.toFixed(0)} ms.`);
}
