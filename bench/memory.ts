/**
 * What memory gives for a question about something that was said, in part changed later, and buried in talk: the rank of
 * the answer, how often what is no longer true comes with it or before it, and what comes where nothing was ever said.
 * Beside it BM25 over the same turns; and what the rules of the host find in them. `npm run bench -- memory [--questions COUNT] [--seed NUMBER]`
 */
import { parseArgs } from 'node:util';

import { average, judge, type Judgement } from './memory/judge.ts';
import { printExtraction } from './memory/extraction.ts';
import { type Conversations, generate, type Question } from './memory/generate.ts';
import { type FoundBy, type RunningMemory, startMemory } from './memory/running-memory.ts';
import { tellByRules } from './memory/told-by-rules.ts';
import { UNRELATED } from './memory/unrelated.ts';
import { mean, printTable, sample, spread } from './report.ts';
import { PlainBm25 } from './tool-search/plain-bm25.ts';

/** Texts, best first. */
type Ask = (question: string) => Promise<{ readonly texts: readonly string[]; readonly ms: number }>;

type Asked = Pick<Conversations, 'questions' | 'loose' | 'unanswerable'>;

interface Measured {
  readonly name: string;
  readonly judgements: readonly {
    readonly question: Question;
    readonly judgement: Judgement;
    readonly ms: number;
  }[];
  /** Whether the fact came for a request that it bears on, with hardly a word in common. */
  readonly loose: readonly boolean[];
  /** How many entries come for questions about such things as were spoken of, which nothing answers. */
  readonly unanswered: readonly number[];
  /** How many come for requests that have nothing to do with anything. */
  readonly unrelated: readonly number[];
}

export async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: { questions: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
  });
  const seed = Number(values.seed);
  const conversations = generate(seed);
  const questions = sample(conversations.questions, Number(values.questions), seed);
  const { sessions, loose, unanswerable } = conversations;
  const turns = sessions.flatMap((session) => session.turns);
  const changes = turns.filter(({ states }) => states?.isChange === true).length;
  console.log(
    `${sessions.length} sessions, ${turns.length} turns, ${conversations.questions.length} facts, ${changes} changed later; ` +
      `${questions.length} questions, ${loose.length} more facts loosely asked about, ${unanswerable.length} questions that nothing answers, ` +
      `${UNRELATED.length} unrelated requests; seed ${seed}.\n`,
  );
  const asked = { questions, loose, unanswerable };
  let facts: readonly string[] = [];
  const measured = [
    await measure('plain BM25 over turns', plainBm25(conversations), asked),
    await measureMemory('turns only', asked, (memory) => tellTurns(memory, conversations)),
    await measureMemory('turns and facts', asked, (memory) => tellFacts(memory, conversations)),
    await measureMemory('turns and facts by rules', asked, async (memory) => {
      facts = await tellByRules(memory, conversations);
    }),
    await measureMemory(
      'turns and facts, words',
      asked,
      (memory) => tellFacts(memory, conversations),
      'words',
    ),
  ];
  printRanks(measured);
  printStale(measured);
  printRelevance(measured);
  console.log();
  printExtraction(facts, conversations);
}

async function measureMemory(
  name: string,
  asked: Asked,
  tell: (memory: RunningMemory) => Promise<void>,
  by: FoundBy = 'words and meaning',
): Promise<Measured> {
  await using memory = await startMemory(by);
  await tell(memory);
  await memory.settled();
  // Awaited here: memory ends with this block.
  return await measure(`memory: ${name}`, (question) => memory.recall(question), asked);
}

async function tellTurns(memory: RunningMemory, { sessions }: Conversations): Promise<void> {
  for (const session of sessions) await memory.append(session);
}

/** As a reader who misses nothing would: every fact is remembered as it was said, and a change changes it. */
async function tellFacts(memory: RunningMemory, { sessions }: Conversations): Promise<void> {
  const ids = new Map<number, string>();
  for (const session of sessions) {
    await memory.append(session);
    for (const { states, text } of session.turns) {
      if (states === undefined) continue;
      const known = ids.get(states.fact);
      if (known === undefined) ids.set(states.fact, await memory.remember(text, `session ${session.id}`));
      else await memory.update(known, text);
    }
  }
}

function plainBm25({ sessions }: Conversations): Ask {
  const turns = sessions.flatMap((session) => session.turns);
  const index = new PlainBm25(turns.map(({ text }, number) => ({ name: String(number), text })));
  return async (question) => {
    const start = performance.now();
    const texts = index.search(question, 20).map((number) => turns[Number(number)]?.text ?? '');
    return { texts, ms: performance.now() - start };
  };
}

async function measure(name: string, ask: Ask, { questions, loose, unanswerable }: Asked): Promise<Measured> {
  const judgements: Measured['judgements'][number][] = [];
  for (const question of questions) {
    const { texts, ms } = await ask(question.text);
    judgements.push({ question, judgement: judge(question, texts), ms });
  }
  const counts = async (requests: readonly string[]): Promise<readonly number[]> => {
    const found: number[] = [];
    for (const request of requests) found.push((await ask(request)).texts.length);
    return found;
  };
  const came: boolean[] = [];
  for (const { said, text } of loose) came.push((await ask(text)).texts.includes(said));
  return {
    name,
    judgements,
    loose: came,
    unanswered: await counts(unanswerable),
    unrelated: await counts(UNRELATED),
  };
}

function printRanks(measured: readonly Measured[]): void {
  const rows = (['English', 'German'] as const).flatMap((language) =>
    measured.map(({ name, judgements }) => {
      const own = judgements.filter(({ question }) => question.language === language);
      const figures = (['reciprocalRank', 'first', 'firstFive'] as const).map((key) =>
        average(
          own.map(({ judgement }) => judgement),
          key,
        ).toFixed(3),
      );
      const times = own.map(({ ms }) => ms);
      return [language, name, own.length, ...figures, spread(times, 1)];
    }),
  );
  printTable(['', 'rank of the answer', 'questions', 'MRR@10', 'first', 'first five', 'ms'], rows);
}

function printStale(measured: readonly Measured[]): void {
  console.log();
  const rows = measured.map(({ name, judgements }) => {
    const changed = judgements.filter(({ question }) => question.staleValue !== undefined);
    const own = changed.map(({ judgement }) => judgement);
    const keys = ['firstFive', 'staleFirst', 'staleAbove', 'staleAmongFive'] as const;
    return [name, own.length, ...keys.map((key) => average(own, key).toFixed(3))];
  });
  printTable(
    [
      'answers that have changed',
      'questions',
      'in first five',
      'stale first',
      'stale above',
      'stale in first five',
    ],
    rows,
  );
}

function printRelevance(measured: readonly Measured[]): void {
  console.log();
  const figures = (counts: readonly number[]): readonly string[] => [
    mean(counts).toFixed(1),
    mean(counts.map((count) => Number(count === 0))).toFixed(3),
  ];
  const rows = measured.map(({ name, loose, unanswered, unrelated }) => [
    name,
    mean(loose.map(Number)).toFixed(3),
    ...figures(unanswered),
    ...figures(unrelated),
  ]);
  printTable(
    [
      'the line of relevance',
      'loosely asked, found',
      'no answer: entries',
      'none',
      'unrelated: entries',
      'none',
    ],
    rows,
  );
}
