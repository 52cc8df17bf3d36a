/** Two public collections as files that the server can index, with their questions and what answers them. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { benchData } from '../report.ts';

export interface Question {
  readonly text: string;
  /** File names of the documents that answer it. */
  readonly relevant: ReadonlySet<string>;
}

export interface DocumentSet {
  readonly name: string;
  /** Markdown by file name. */
  readonly files: ReadonlyMap<string, string>;
}

export interface Collection extends DocumentSet {
  readonly questions: readonly Question[];
}

/** The 1,400 abstracts: title as heading, then the text, which repeats the title at its start. */
export function cranfield(): Collection | undefined {
  const folder = benchData('cranfield');
  if (folder === undefined) return undefined;
  const files = new Map<string, string>();
  for (const record of recordsOf(readFileSync(join(folder, 'cran.all.1400'), 'latin1'))) {
    const title = oneLine(record.fields.get('.T') ?? '');
    const text = (record.fields.get('.W') ?? '').trim();
    files.set(fileName(record.id), markdown(title, withoutTitle(text, title)));
  }
  const relevant = new Map<number, Set<string>>();
  for (const line of readFileSync(join(folder, 'cranqrel'), 'latin1').split('\n')) {
    const [query, document, code] = line.trim().split(/\s+/).map(Number);
    if (query === undefined || document === undefined || code === undefined || code < 1) continue;
    const known = relevant.get(query) ?? new Set();
    relevant.set(query, known.add(fileName(document)));
  }
  // The judgements count the queries from 1 in their order and leave their numbers aside.
  const questions = recordsOf(readFileSync(join(folder, 'cran.qry'), 'latin1')).map((record, index) => ({
    text: oneLine(record.fields.get('.W') ?? ''),
    relevant: relevant.get(index + 1) ?? new Set<string>(),
  }));
  return { name: 'cranfield', files, questions };
}

/** Sections of a documentation, each a file of its own: the heading, then the text, which repeats the heading. */
export function docsRag(): Collection | undefined {
  const folder = benchData('docs_rag');
  if (folder === undefined) return undefined;
  type Section = { readonly chunk_link: string; readonly chunk_heading: string; readonly text: string };
  type Row = { readonly question: string; readonly correct_chunks: readonly string[] };
  const sections = readJson<readonly Section[]>(join(folder, 'anthropic_docs.json'));
  const rows = readJson<readonly Row[]>(join(folder, 'docs_evaluation_dataset.json'));
  const names = new Map(sections.map(({ chunk_link: link }, index) => [link, fileName(index + 1)]));
  const nameOf = (link: string): string => {
    const name = names.get(link);
    if (name === undefined) throw new Error(`docs_rag: a question names ${link}, which is no section.`);
    return name;
  };
  const files = new Map(
    sections.map(({ chunk_link: link, chunk_heading: heading, text }) => [
      nameOf(link),
      markdown(heading, withoutTitle(text, heading)),
    ]),
  );
  const questions = rows.map(({ question, correct_chunks: links }) => ({
    text: question,
    relevant: new Set(links.map(nameOf)),
  }));
  return { name: 'docs_rag', files, questions };
}

/** Existing files are left as they are, so that a folder that is kept is not indexed again. */
export function writeFiles(collection: DocumentSet, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of collection.files) {
    try {
      writeFileSync(join(folder, name), text, { flag: 'wx' });
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error;
    }
  }
}

interface SmartRecord {
  readonly id: number;
  readonly fields: ReadonlyMap<string, string>;
}

/** The format of the SMART collections: `.I 12`, then a field's letter on a line of its own and its text below. */
function recordsOf(text: string): readonly SmartRecord[] {
  const records: { id: number; fields: Map<string, string> }[] = [];
  let field = '';
  for (const line of text.split(/\r?\n/)) {
    const id = /^\.I\s+(\d+)/.exec(line)?.[1];
    if (id !== undefined) records.push({ id: Number(id), fields: new Map() });
    else if (/^\.[A-Z]\s*$/.test(line)) field = line.trim();
    else {
      const fields = records.at(-1)?.fields;
      fields?.set(field, `${fields.get(field) ?? ''}${line}\n`);
    }
  }
  return records;
}

function fileName(number: number): string {
  return `${String(number).padStart(4, '0')}.md`;
}

function markdown(title: string, text: string): string {
  return title === '' ? `${text}\n` : `# ${title}\n\n${text}\n`;
}

function withoutTitle(text: string, title: string): string {
  const words = title.split(/\s+/).map((word) => word.replaceAll(/[^\p{L}\p{N}]/gu, '\\$&'));
  return text.replace(new RegExp(`^\\s*${words.join('\\s+')}\\s*`), '');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}
