/**
 * What `switchyard run` says without a model: how often it quotes from a section that answers the question, beside what
 * search finds for the same questions; and whether a killed ingest leaves other passages behind than an undisturbed one.
 * `npm run bench -- quotes [--questions COUNT] [--seed NUMBER] [--keep FOLDER]`
 */
import { parseArgs } from 'node:util';

import { mean, printTable, quantile, sample } from './report.ts';
import { commandLine } from './retrieval/command-line.ts';
import { type Collection, docsRag } from './retrieval/data.ts';
import { interruptIngest, type Stored } from './retrieval/interrupted-ingest.ts';
import { recallAt } from './retrieval/measures.ts';
import { openWorkspace, startServer } from './retrieval/running-server.ts';

/** Quotes may miss this much of what search finds. */
const ALLOWED_LOSS = 0.05;
/** As many as `run` gives. */
const MOST_QUOTES = 3;
const INTERRUPTED_DOCUMENTS = 40;

export async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      questions: { type: 'string', default: '40' },
      seed: { type: 'string', default: '1' },
      keep: { type: 'string' },
    },
  });
  const collection = docsRag();
  if (collection === undefined) return;
  const seed = Number(values.seed);
  const questions = sample(collection.questions, Number(values.questions), seed);
  console.log(`docs_rag: ${questions.length} of ${collection.questions.length} questions, seed ${seed}.`);
  await measureQuotes({ ...collection, questions }, values.keep);
  const documents = new Map(sample([...collection.files], INTERRUPTED_DOCUMENTS, seed));
  const { afterKill, complete, equalIds } = await interruptIngest({ name: 'interrupted', files: documents });
  console.log('\nServer killed while it indexed, then indexed again by the command line:');
  const stages: readonly (readonly [string, Stored])[] = [
    ...afterKill.map((stored, index) => [`after kill ${index + 1}`, stored] as const),
    ['at the end', complete],
  ];
  printTable(
    ['', 'documents', 'passages', 'vectors'],
    stages.map(([name, stored]) => [name, stored.documents, stored.passages, stored.vectors]),
  );
  console.log(
    `The ids of the passages are ${equalIds ? 'equal to' : 'NOT EQUAL to'} those of an undisturbed ingest.`,
  );
}

async function measureQuotes(collection: Collection, kept: string | undefined): Promise<void> {
  using workspace = openWorkspace(collection, kept);
  const program = commandLine(workspace);
  await program.ingest();
  const found = await searched(collection, workspace);
  const quoted: Answer[] = [];
  const times: number[] = [];
  for (const { text, relevant } of collection.questions) {
    const { documents, ms } = await program.quotedDocuments(text);
    quoted.push({ documents, relevant });
    times.push(ms);
  }
  const hit = share(quoted, MOST_QUOTES);
  const wanted = recall(found) - ALLOWED_LOSS;
  printTable(
    ['share of the questions where', 'quotes', 'search'],
    [
      ['the first is from a section that answers', share(quoted, 1).toFixed(3), share(found, 1).toFixed(3)],
      ['one of three is', hit.toFixed(3), share(found, MOST_QUOTES).toFixed(3)],
      [
        '(recall: answering sections that are among three)',
        recall(quoted).toFixed(3),
        recall(found).toFixed(3),
      ],
    ],
  );
  console.log(
    `Quotes from a section that answers: ${hit.toFixed(3)}; asked is recall@3 of search − ${ALLOWED_LOSS}, ` +
      `${wanted.toFixed(3)}: ${hit >= wanted ? 'reached' : 'NOT REACHED'}.`,
  );
  const [middle, high] = [0.5, 0.9].map((one) => (quantile(times, one) / 1_000).toFixed(2));
  console.log(`One command from start to end: median ${middle} s, p90 ${high} s.`);
}

/** Documents of the best passages of the search tool. */
async function searched(
  collection: Collection,
  workspace: Parameters<typeof startServer>[0],
): Promise<readonly Answer[]> {
  await using server = await startServer(workspace);
  const answers: Answer[] = [];
  for (const { text, relevant } of collection.questions) {
    const { documents } = await server.search(text, 'fused');
    answers.push({ documents, relevant });
  }
  return answers;
}

interface Answer {
  readonly documents: readonly string[];
  readonly relevant: ReadonlySet<string>;
}

function share(answers: readonly Answer[], count: number): number {
  return mean(answers.map(({ documents, relevant }) => Number(recallAt(count, documents, relevant) > 0)));
}

function recall(answers: readonly Answer[]): number {
  return mean(
    answers.map(({ documents, relevant }) => recallAt(MOST_QUOTES, [...new Set(documents)], relevant)),
  );
}
