/**
 * Search of the shipped retrieval server, asked over stdio, beside figures of plain BM25 and of the same embedder.
 * `npm run bench -- retrieval [--only cranfield|docs_rag] [--keep FOLDER]`
 */
import { parseArgs } from 'node:util';

import { embedderFolder } from '../src/config/environment.ts';
import { embedderId } from '../src/embedding/index.ts';
import { mean, printTable, quantile } from './report.ts';
import { type Collection, cranfield, docsRag } from './retrieval/data.ts';
import { ndcgAt, precisionAt, recallAt, reciprocalRankAt } from './retrieval/measures.ts';
import { type Mode, openWorkspace, startServer } from './retrieval/running-server.ts';

const MODES: readonly Mode[] = ['lexical', 'vector', 'fused'];

/** Of the same data: BM25 and the embedder each alone over whole documents, and both by reciprocal rank fusion. */
const CRANFIELD_COMPARISON: Record<Mode, string> = { lexical: '.341–.361', vector: '.399', fused: '.416' };
const DOCS_COMPARISON: Record<Mode, readonly [mrr: string, recall: string]> = {
  lexical: ['.768', '.618'],
  vector: ['.723', '.631'],
  fused: ['.870', '.717'],
};

interface Answer {
  readonly found: readonly string[];
  readonly relevant: ReadonlySet<string>;
  readonly ms: number;
}

export async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: { only: { type: 'string' }, keep: { type: 'string' } },
  });
  console.log(
    'compare: figures taken once on the same data with plain BM25, with the same embedder, and with both fused by rank;',
  );
  console.log('they were not measured in this run. Times are those of the whole call over stdio.');
  if (values.only === undefined || values.only === 'docs_rag') {
    const answers = await measure(docsRag(), values.keep);
    if (answers !== undefined) printDocs(answers);
  }
  if (values.only === undefined || values.only === 'cranfield') {
    const answers = await measure(cranfield(), values.keep);
    if (answers !== undefined) printCranfield(answers);
  }
}

type Answers = Record<Mode, readonly Answer[]>;

async function measure(
  collection: Collection | undefined,
  kept: string | undefined,
): Promise<Answers | undefined> {
  if (collection === undefined) return undefined;
  using workspace = openWorkspace(collection, kept);
  await using server = await startServer(workspace);
  const { passages, ms } = await server.ingest();
  const rate = (passages / ms) * 1_000;
  console.log(
    `\nSQLite ${process.versions['sqlite']}; embedder ${embedderId(embedderFolder(workspace.home))}`,
  );
  console.log(
    `${collection.name}: ${collection.files.size} documents, ${collection.questions.length} questions; ` +
      (passages === 0
        ? 'indexed before.'
        : `${passages} passages indexed in ${(ms / 1_000).toFixed(1)} s, ${rate.toFixed(1)} a second.`),
  );
  const answers: Record<Mode, Answer[]> = { lexical: [], vector: [], fused: [] };
  for (const mode of MODES) {
    for (const { text, relevant } of collection.questions) {
      const found = await server.search(text, mode);
      answers[mode].push({ found: found.documents, relevant, ms: found.ms });
    }
  }
  return answers;
}

function printCranfield(answers: Answers): void {
  const rows = MODES.map((mode) => [
    mode,
    figure(answers[mode], ({ found, relevant }) => ndcgAt(10, found, relevant)),
    CRANFIELD_COMPARISON[mode],
    ...latency(answers[mode]),
  ]);
  printTable(['mode', 'nDCG@10', 'compare', 'median ms', 'p90 ms'], rows);
}

function printDocs(answers: Answers): void {
  const rows = MODES.map((mode) => [
    mode,
    figure(answers[mode], ({ found, relevant }) => precisionAt(3, found, relevant)),
    figure(answers[mode], ({ found, relevant }) => recallAt(3, found, relevant)),
    DOCS_COMPARISON[mode][1],
    figure(answers[mode], ({ found, relevant }) => reciprocalRankAt(3, found, relevant)),
    DOCS_COMPARISON[mode][0],
    ...latency(answers[mode]),
  ]);
  printTable(['mode', 'precision@3', 'recall@3', 'compare', 'MRR@3', 'compare', 'median ms', 'p90 ms'], rows);
}

function figure(answers: readonly Answer[], of: (answer: Answer) => number): string {
  return mean(answers.map(of)).toFixed(3);
}

function latency(answers: readonly Answer[]): readonly [median: string, ninetieth: string] {
  const times = answers.map(({ ms }) => ms);
  return [quantile(times, 0.5).toFixed(1), quantile(times, 0.9).toFixed(1)];
}
