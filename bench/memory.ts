/**
 * What memory gives for a question about something that was said, in part changed later, and buried in talk: the rank of
 * the answer, how often what is no longer true comes with it or before it, and what comes where nothing was ever said.
 * Beside it BM25 over the same turns. `npm run bench -- memory [--questions COUNT] [--seed NUMBER]`
 */
import { parseArgs } from 'node:util';

import { average, judge, type Judgement } from './memory/judge.ts';
import { type Conversations, generate, type Question } from './memory/generate.ts';
import { type RunningMemory, startMemory } from './memory/running-memory.ts';
import { mean, printTable, sample, spread } from './report.ts';
import { PlainBm25 } from './tool-search/plain-bm25.ts';

/** Texts, best first. */
type Ask = (question: string) => Promise<{ readonly texts: readonly string[]; readonly ms: number }>;

interface Measured {
  readonly name: string;
  readonly judgements: readonly {
    readonly question: Question;
    readonly judgement: Judgement;
    readonly ms: number;
  }[];
  /** How many entries come for questions that nothing answers. */
  readonly unasked: readonly number[];
}

export async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: { questions: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
  });
  const seed = Number(values.seed);
  const conversations = generate(seed);
  const questions = sample(conversations.questions, Number(values.questions), seed);
  const { sessions, unanswerable } = conversations;
  const turns = sessions.flatMap((session) => session.turns);
  const changes = turns.filter(({ states }) => states?.isChange === true).length;
  console.log(
    `${sessions.length} sessions, ${turns.length} turns, ${conversations.questions.length} facts, ${changes} changed later; ` +
      `${questions.length} questions, ${unanswerable.length} that nothing answers; seed ${seed}.\n`,
  );
  const asked = { questions, unanswerable };
  const measured = [
    await measure('plain BM25 over turns', plainBm25(conversations), asked),
    await measureMemory('turns only', asked, (memory) => tellTurns(memory, conversations)),
    await measureMemory('turns and facts', asked, (memory) => tellFacts(memory, conversations)),
  ];
  printRanks(measured);
  printStale(measured);
  printUnasked(measured);
}

async function measureMemory(
  name: string,
  asked: Pick<Conversations, 'questions' | 'unanswerable'>,
  tell: (memory: RunningMemory) => Promise<void>,
): Promise<Measured> {
  await using memory = await startMemory();
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

async function measure(
  name: string,
  ask: Ask,
  { questions, unanswerable }: Pick<Conversations, 'questions' | 'unanswerable'>,
): Promise<Measured> {
  const judgements: Measured['judgements'][number][] = [];
  for (const question of questions) {
    const { texts, ms } = await ask(question.text);
    judgements.push({ question, judgement: judge(question, texts), ms });
  }
  const unasked: number[] = [];
  for (const question of unanswerable) unasked.push((await ask(question)).texts.length);
  return { name, judgements, unasked };
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

function printUnasked(measured: readonly Measured[]): void {
  console.log();
  const rows = measured.map(({ name, unasked }) => [
    name,
    unasked.length,
    mean(unasked).toFixed(1),
    mean(unasked.map((count) => Number(count === 0))).toFixed(3),
  ]);
  printTable(['nothing was said', 'questions', 'entries given', 'share with none'], rows);
}
