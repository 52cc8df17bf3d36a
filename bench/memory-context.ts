/**
 * `npm run bench -- memory-context [turns]`: a session of 100 turns, each with one result of about 22,000 tokens, over a
 * window of 200,000 tokens. Every request is counted where it arrives.
 */
import { converse, type CountedRequest } from './memory-context/conversation.ts';
import { commonTokens, naiveRequests } from './memory-context/naive.ts';
import { median, printTable, quantile } from './report.ts';

const WINDOW_TOKENS = 200_000;
const LINES_OF_RESULT = 800;
const RESULT_TOKENS = 22_000;
const HEAD_TOKENS = 8_000;

/** US dollars for a million tokens, as a large model of 2026 costs: input, read from the cache, written to it. */
const PRICE = { input: 3, cacheRead: 0.3, cacheWrite: 3.75 } as const;

export async function main([turns = '100']: readonly string[]): Promise<void> {
  const { requests, turnMs, turnCpuMs, reductions, stored } = await converse({
    turns: Number(turns),
    windowTokens: WINDOW_TOKENS,
    linesOfResult: LINES_OF_RESULT,
  });
  const own = requests.filter(({ isSummary }) => !isSummary);
  const common = commonTokens(own);
  const cached = new Map(own.map((request, index) => [request, common[index] ?? 0]));
  const largest = Math.max(...requests.map(({ tokens }) => tokens));
  console.log(
    `${turnMs.length} turns, ${own.length} requests and ${requests.length - own.length} for summaries`,
  );
  console.log(
    `largest request ${largest} of ${WINDOW_TOKENS} tokens: ${largest < WINDOW_TOKENS ? 'every request fits' : 'TOO LARGE'}`,
  );
  console.log(
    `reductions: ${JSON.stringify(reductions)}; ${stored.files} results kept, ${(stored.bytes / 1e6).toFixed(1)} MB\n`,
  );
  printTable(
    ['turns', 'CPU ms a turn, median', 'ms, median', 'ms, 90th of 100', 'tokens a request, median'],
    spans(turnMs.length).map(([from, to]) => {
      const times = turnMs.slice(from, to);
      const tokens = own.filter(({ turn }) => turn >= from && turn < to).map((request) => request.tokens);
      return [
        `${from + 1}–${to}`,
        median(turnCpuMs.slice(from, to)).toFixed(1),
        median(times).toFixed(1),
        quantile(times, 0.9).toFixed(1),
        median(tokens),
      ];
    }),
  );
  console.log('A turn is two requests and a call; the window fills within the first of these spans.\n');
  const carried = sumUp(
    requests.map((request) => ({ tokens: request.tokens, cachedTokens: cached.get(request) ?? 0 })),
  );
  printTable(
    ['input of all requests', 'tokens, M', 'largest', 'cached', 'USD, cached', 'USD, without cache'],
    [
      row('reduced to the window', carried, largest),
      naiveRow('everything, results cut', own, HEAD_TOKENS),
      naiveRow('everything, results whole', own, RESULT_TOKENS),
    ],
  );
  console.log('\nThe last two are computed: past their window no model takes them.');
}

/** The first twenty turns, the twenty after them, and the last twenty. */
function spans(turns: number): readonly (readonly [from: number, to: number])[] {
  const length = Math.min(20, Math.floor(turns / 3));
  return [
    [0, length],
    [length, 2 * length],
    [turns - length, turns],
  ];
}

interface Sum {
  readonly tokens: number;
  readonly cachedTokens: number;
}

function sumUp(requests: readonly Sum[]): Sum {
  return requests.reduce(
    (sum, { tokens, cachedTokens }) => ({
      tokens: sum.tokens + tokens,
      cachedTokens: sum.cachedTokens + cachedTokens,
    }),
    { tokens: 0, cachedTokens: 0 },
  );
}

function naiveRow(name: string, own: readonly CountedRequest[], resultTokens: number): (string | number)[] {
  const naive = naiveRequests(own, resultTokens);
  return row(name, sumUp(naive), naive.at(-1)?.tokens ?? 0);
}

function row(name: string, { tokens, cachedTokens }: Sum, largest: number): (string | number)[] {
  const usd = (cachedTokens * PRICE.cacheRead + (tokens - cachedTokens) * PRICE.cacheWrite) / 1e6;
  return [
    name,
    (tokens / 1e6).toFixed(2),
    largest,
    `${((100 * cachedTokens) / tokens).toFixed(1)} %`,
    usd.toFixed(2),
    ((tokens * PRICE.input) / 1e6).toFixed(2),
  ];
}
