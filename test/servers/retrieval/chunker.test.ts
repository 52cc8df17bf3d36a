import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, test } from 'vitest';

import { openTokenCounter } from '../../../src/embedding/index.ts';
import type { TokenCounter } from '../../../src/embedding/index.ts';
import { chunkDocument } from '../../../src/servers/retrieval/chunker.ts';
import { readDocument } from '../../../src/servers/retrieval/read-document.ts';
import type { ChunkInput } from '../../../src/servers/store/contract.ts';
import { requireEmbedder } from '../../fixtures/embedder.ts';

const MAX_TOKENS = 250;
const REAL_FILES = [
  'docs/architecture.md',
  'docs/command-line.md',
  'LICENSE',
  'src/servers/retrieval/chunker.ts',
  'package.json',
];

let counter: TokenCounter;

beforeAll(async () => {
  counter = await openTokenCounter(requireEmbedder());
});

async function chunks(source: string, name = 'a.md'): Promise<readonly ChunkInput[]> {
  const document = await readDocument(name, Buffer.from(source));
  return chunkDocument(document, { counter, maxTokens: MAX_TOKENS });
}

function tokensOf(chunk: ChunkInput): number {
  return counter.count(`${chunk.headings.join(' › ')}\n${chunk.text}`);
}

/** The lines of the source that the chunk claims to hold, as far as it says where they are. */
function linesAt(
  source: string,
  { text, startLine = 1, lineNumbers }: ChunkInput,
): readonly (string | undefined)[] {
  const lines = source.split('\n');
  return text.split('\n').map((_, index) => lines[(lineNumbers?.[index] ?? startLine + index) - 1]);
}

describe('what goes wrong', () => {
  test('an empty file and one of blank lines have no chunks', async () => {
    expect(await chunks('')).toEqual([]);
    expect(await chunks('\n  \n\n')).toEqual([]);
    expect(await chunks('', 'a.html')).toEqual([]);
  });

  test('a line of 300,000 characters without a space is cut into chunks that fit', async () => {
    const parts = await chunks('x9'.repeat(150_000), 'a.txt');
    expect(parts.map(({ text }) => text).join('')).toBe('x9'.repeat(150_000));
    for (const { text } of parts) expect(text.length).toBeLessThanOrEqual(MAX_TOKENS * 4);
  });

  test('a fence that is never closed ends with the file', async () => {
    const [part, ...rest] = await chunks('# Title\n\n```\ncode # no heading\n\n| no | table |');
    expect(rest).toEqual([]);
    expect(part).toMatchObject({ headings: ['Title'], startLine: 3, endLine: 6 });
  });

  test('headings that take more than their share leave out the outermost', async () => {
    const [part] = await chunks(`# ${'outer '.repeat(200)}\n\n## Inner\n\nText.`);
    expect(part).toMatchObject({ headings: ['Inner'], text: 'Text.' });
  });

  test('emoji are never cut in half', async () => {
    const parts = await chunks('😀'.repeat(5_000), 'a.txt');
    for (const { text } of parts) expect(text.isWellFormed()).toBe(true);
  });
});

test('a passage never crosses a heading, and carries the headings above it', async () => {
  const source =
    '# Guide\n\nIntro.\n\n## Install `now`\n\nDo this.\n\n### Linux\n### macOS\n\nBrew.\n\n## Use\n\nRun it.\n';
  expect(
    (await chunks(source)).map(({ headings, text, startLine }) => [headings.join('/'), text, startLine]),
  ).toEqual([
    ['Guide', 'Intro.', 3],
    ['Guide/Install now', 'Do this.', 7],
    ['Guide/Install now/Linux', '### Linux', 9],
    ['Guide/Install now/macOS', 'Brew.', 12],
    ['Guide/Use', 'Run it.', 16],
  ]);
});

test('a long table is cut between rows, and its header goes with each part', async () => {
  const rows = Array.from(
    { length: 60 },
    (_, index) => `| ${index} | the meaning of exit code ${index} in full |`,
  );
  const source = ['# Codes', '', '| Code | Meaning |', '|---|---|', ...rows].join('\n');
  const [first, ...others] = await chunks(source);
  expect(first?.text.startsWith('| Code | Meaning |\n|---|---|\n| 0 |')).toBe(true);
  expect(others.length).toBeGreaterThan(1);
  for (const part of others) {
    expect(part.headings).toEqual(['Codes', 'Code, Meaning']);
    for (const row of part.text.split('\n')) expect(rows).toContain(row);
  }
});

test('a paragraph that is too long is cut between sentences, and the lines stay exact', async () => {
  const sentences = Array.from(
    { length: 60 },
    (_, index) => `Sentence number ${index} goes on\nover the end of its line.`,
  );
  const source = sentences.join(' ');
  const parts = await chunks(source, 'a.txt');
  expect(parts.length).toBeGreaterThan(1);
  for (const part of parts) {
    expect(part.text).toMatch(/^Sentence[\s\S]*\.$/);
    expect(linesAt(source, part)[0]).toContain(part.text.split('\n')[0]);
  }
  expect(parts.map(({ text }) => text).join(' ')).toBe(source);
});

test.each(REAL_FILES)(
  'every passage of %s fits, is verbatim at its lines, and no word is lost',
  async (file) => {
    const source = (
      await readFile(fileURLToPath(new URL(`../../../${file}`, import.meta.url)), 'utf8')
    ).slice(0, 200_000);
    const parts = await chunks(source, file);
    for (const part of parts) {
      expect(tokensOf(part)).toBeLessThanOrEqual(MAX_TOKENS);
      const held = linesAt(source, part);
      for (const [index, line] of part.text.split('\n').entries()) expect(held[index]).toContain(line);
    }
    const words = (text: string): number => text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0;
    const headings = source
      .split('\n')
      .filter((line) => /^#{1,6}\s/.test(line))
      .join('\n');
    const kept = parts.reduce((sum, { text }) => sum + words(text), 0);
    expect(kept).toBeGreaterThanOrEqual(words(source) - words(headings));
  },
);
