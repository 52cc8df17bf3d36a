/**
 * Requests of MetaTool routed to ten domains: how often each way of choosing is right, what it costs and how long it takes.
 * `npm run bench -- routing [--requests COUNT] [--seed NUMBER] [--local HOME [--local-requests COUNT]]`; HOME is a home folder in
 * which `models pull local` was run: then the small local model is asked, too, under a grammar.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { createLocalEngines } from '../src/host/model/local-engine.ts';
import { loadLlamaModule } from '../src/host/model/local-runtime.ts';
import { pricingOf } from '../src/host/model/price.ts';
import { PROVIDERS, TIER_MODELS } from '../src/host/model/providers.ts';
import type { Usage } from '../src/host/model/model.ts';
import { byModel } from '../src/host/workflow/pattern/route.ts';
import { bySimilarity } from '../src/host/workflow/pattern/similarity.ts';
import { mean, printTable, seededRandom } from './report.ts';
import { answeredBy } from './routing/answered-by.ts';
import { type Chosen, type Choosing, openChoosing } from './routing/choosing.ts';
import { type RoutingSet, routingSet } from './routing/domains.ts';
import { countingModel, localChooser } from './routing/stand-in.ts';

const EXAMPLES = [0, 10, 40] as const;
/** Below it a model is asked, as a route does by default. */
const SURE = 0.5;
const SMART = TIER_MODELS.smart[0].model;

type Row = readonly (string | number)[];

export async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      requests: { type: 'string', default: '500' },
      seed: { type: 'string', default: '1' },
      local: { type: 'string' },
      'local-requests': { type: 'string', default: '100' },
    },
  });
  const seed = Number(values.seed);
  const set = routingSet(Number(values.requests), seed);
  if (set === undefined) return;
  const domains = Object.keys(set.routes(0)).length;
  console.log(
    `${set.requests.length} one-tool requests of MetaTool, as many of each of ${domains} domains, seed ${seed}. No example of a route is`,
  );
  console.log(
    `among the requests. Money is for 1,000 choices: the tokens of the real request and of a typical answer, estimated, at the`,
  );
  console.log(
    `price of ${SMART}, without a cache. No provider was asked: how often it is right is not measured here.\n`,
  );
  const home = mkdtempSync(join(tmpdir(), 'switchyard-routing-'));
  const counting = countingModel();
  try {
    await using choosing = openChoosing(home, counting.answer);
    const similar = await similarityRows(choosing, set);
    await choosing.choose(byModel(), set.routes(3), set.requests);
    const askedUsd = await costUsd(counting.asked());
    const rows: Row[] = [
      ['at random', '', share(randomlyRight(set, seed)), '0 %', '0.00', ''],
      ...similar.map(({ row }) => row),
      ...similar.map(({ examples, chosen }) => partlyAsked(examples, chosen, askedUsd)),
      ['always the smart model', '3', 'not asked', '100 %', dollars(askedUsd), ''],
    ];
    if (values.local !== undefined)
      rows.push(await localRow(resolve(values.local), set, Number(values['local-requests']), home));
    printTable(['chosen by', 'examples a route', 'right', 'asks a model', '$ for 1,000', 'median ms'], rows);
    printCalibration(similar[1]?.chosen ?? []);
    await printAnswered(set, seed);
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  }
}

interface Similar {
  readonly examples: number;
  readonly chosen: readonly Chosen[];
  readonly row: Row;
}

async function similarityRows(choosing: Choosing, set: RoutingSet): Promise<readonly Similar[]> {
  const found: Similar[] = [];
  for (const examples of EXAMPLES) {
    const { chosen, medianMs } = await choosing.choose(bySimilarity(), set.routes(examples), set.requests);
    const row = [
      'similarity',
      String(examples),
      share(mean(chosen.map(rightness))),
      '0 %',
      '0.00',
      medianMs.toFixed(1),
    ];
    found.push({ examples, chosen, row });
  }
  return found;
}

/** Right is what is sure to be, and what would be if the model were never wrong. */
function partlyAsked(examples: number, chosen: readonly Chosen[], askedUsd: number): Row {
  const unsure = chosen.filter(({ choice }) => choice.confidence < SURE).length / chosen.length;
  const alone = mean(chosen.map((one) => (one.choice.confidence < SURE ? 0 : rightness(one))));
  const right = `${share(alone)} – ${share(alone + unsure)}`;
  return [
    'similarity, unsure: the smart model',
    String(examples),
    right,
    `${(unsure * 100).toFixed(0)} %`,
    dollars(askedUsd * unsure),
    '',
  ];
}

function randomlyRight({ requests, routes }: RoutingSet, seed: number): number {
  const random = seededRandom(seed);
  const domains = Object.keys(routes(0));
  return mean(
    requests.map(({ domain }) => (domains[Math.floor(random() * domains.length)] === domain ? 1 : 0)),
  );
}

async function localRow(home: string, set: RoutingSet, count: number, scratch: string): Promise<Row> {
  await using engines = createLocalEngines(() => loadLlamaModule(home));
  await using choosing = openChoosing(scratch, localChooser(home, engines));
  const stride = Math.max(1, Math.floor(set.requests.length / count));
  const requests = set.requests.filter((_, index) => index % stride === 0);
  const { chosen, medianMs } = await choosing.choose(byModel(), set.routes(3), requests);
  return [
    `local/1.5b under a grammar (${requests.length} requests)`,
    '3',
    share(mean(chosen.map(rightness))),
    '100 %',
    '0.00',
    medianMs.toFixed(0),
  ];
}

async function printAnswered({ requests }: RoutingSet, seed: number): Promise<void> {
  console.log(
    '\nWho answers the same requests, at 500 tokens an answer; which answers would be good is not measured:',
  );
  const answered = await answeredBy(requests, seed);
  const models = [...(answered[0]?.share.keys() ?? [])];
  const rows = answered.map(({ name, share: shares, usdPerThousand }) => [
    name,
    ...models.map((model) => `${((shares.get(model) ?? 0) * 100).toFixed(0)} %`),
    dollars(usdPerThousand),
  ]);
  printTable(['chosen by', ...models, '$ for 1,000'], rows);
}

function printCalibration(chosen: readonly Chosen[]): void {
  console.log('\nHow sure it is, and how often it is right then (similarity, 10 examples a route):');
  const edges = [0, 0.3, 0.5, 0.7, 0.9, 1.01];
  const rows = edges.slice(0, -1).flatMap((from, index) => {
    const to = edges[index + 1] ?? 1;
    const within = chosen.filter(({ choice }) => choice.confidence >= from && choice.confidence < to);
    return within.length === 0
      ? []
      : [[`${from} – ${Math.min(1, to)}`, within.length, share(mean(within.map(rightness)))]];
  });
  printTable(['confidence', 'requests', 'right'], rows);
}

async function costUsd(usages: readonly Usage[]): Promise<number> {
  const { costUsd: cost } = pricingOf({ modelId: SMART, baseUrl: PROVIDERS.get('anthropic')?.baseUrl ?? '' });
  const costs = await Promise.all(usages.map((usage) => cost(usage)));
  return mean(costs.map((one) => one ?? Number.NaN)) * 1_000;
}

function rightness({ request, choice }: Chosen): number {
  return choice.route === request.domain ? 1 : 0;
}

function share(value: number): string {
  return value.toFixed(3).replace(/^0/, '');
}

function dollars(value: number): string {
  return value.toFixed(2);
}
