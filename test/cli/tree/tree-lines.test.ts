import { stripVTControlCharacters } from 'node:util';

import { describe, expect, test } from 'vitest';

import { createTheme } from '../../../src/host/cli/chat/theme.ts';
import { BranchTree } from '../../../src/host/cli/tree/branch-tree.ts';
import { treeLines } from '../../../src/host/cli/tree/tree-lines.ts';
import type { StoredEventInput } from '../../../src/host/event.ts';

const HIGHLIGHTER = { load: async () => undefined, highlight: (code: string) => [code] } as never;
const theme = createTheme({ colour: false, unicode: true }, HIGHLIGHTER);
const ascii = createTheme({ colour: false, unicode: false }, HIGHLIGHTER);

class Told {
  readonly tree: BranchTree;
  nowMs = 0;

  constructor() {
    this.tree = new BranchTree('research', () => this.nowMs);
  }

  tell(path: string, event: StoredEventInput): void {
    this.tree.see({ runId: 'run_1', path, at: 0, number: 1, ...event });
  }

  begin(path: string, workflow = 'agent'): void {
    this.tell(path, { type: 'branch-start', workflow });
  }

  end(path: string, outcome: 'done' | 'failed' | 'stopped' | 'cancelled' = 'done', message?: string): void {
    const error = message === undefined ? {} : { error: { code: 'x', message } };
    this.tell(path, { type: 'branch-end', outcome, ...error });
  }

  spend(path: string, tokens: number, costUsd?: number): void {
    const usage = { inputTokens: tokens, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
    this.tell(path, {
      type: 'model-end',
      step: '',
      model: 'm',
      message: { role: 'assistant', content: [] },
      stopReason: 'end',
      usage,
      ...(costUsd === undefined ? {} : { costUsd }),
      durationMs: 1,
    } as unknown as StoredEventInput);
  }

  lines(options: { width?: number; height?: number; ascii?: boolean } = {}): string[] {
    const { width = 100, height = 16 } = options;
    const view = { theme: options.ascii ? ascii : theme, width, height, nowMs: this.nowMs };
    return treeLines(this.tree, view).map((line) => stripVTControlCharacters(line));
  }
}

test('each branch has its state, what it is doing, its time, and what it and all below it spent', () => {
  const told = new Told();
  told.begin('1:search', 'chain');
  told.begin('1:search/1');
  told.tell('1:search/1/turn-1', { type: 'model-start', step: '', model: 'fast' });
  told.nowMs = 1_500;
  expect(told.lines()).toEqual([
    '○ research  1.5 s',
    '  ○ 1:search  (chain)  1.5 s',
    '    ○ 1  (agent) fast  1.5 s',
  ]);
  told.spend('1:search/1/turn-1', 1_200, 0.02);
  for (const callId of ['a', 'b'])
    told.tell(`1:search/1/turn-1/call-${callId}`, {
      type: 'tool-call-start',
      callId,
      name: 'web__search',
      server: 'web',
      arguments: {},
    });
  expect(told.lines()[2]).toBe('    ○ 1  (agent) web__search and 1 more  1.5 s · 1.2k tokens · $0.02');
  told.end('1:search/1', 'failed', 'The model\nwas overloaded.');
  told.end('1:search', 'stopped', 'The limit is reached.');
  told.begin('2');
  told.nowMs = 90_000;
  told.spend('2/turn-1', 100);
  told.tell('', { type: 'run-end', outcome: 'cancelled', totals: {} as never, durationMs: 1 });
  told.nowMs = 100_000;
  expect(told.lines()).toEqual([
    '– research  cancelled  1:30 min · 1.3k tokens',
    '  ■ 1:search  (chain) The limit is reached.  1.5 s · 1.2k tokens · $0.02',
    '    ✗ 1  (agent) The model was overloaded.  1.5 s · 1.2k tokens · $0.02',
    '  – 2  (agent) cancelled  1:28 min · 100 tokens',
  ]);
  expect(told.lines({ ascii: true })[1]).toMatch(/^ {2}# 1:search/);
});

describe('where not all have room', () => {
  const many = (): Told => {
    const told = new Told();
    told.begin('1:list');
    told.end('1:list');
    told.begin('2:each', 'map');
    for (let item = 1; item <= 1_000; item += 1) {
      told.begin(`2:each/${item}`);
      if (item > 980) continue;
      told.end(`2:each/${item}`, item % 100 === 0 ? 'failed' : 'done', 'no');
    }
    return told;
  };

  test('those under way that began last are shown, and of the rest how many there are', () => {
    const lines = many().lines({ height: 8 });
    expect(lines).toEqual([
      '○ research  0.0 s',
      '  ○ 2:each  (map)  0.0 s',
      ...[997, 998, 999, 1_000].map((item) => `    ○ ${item}  (agent)  0.0 s`),
      '    … 16 running, 971 done, 9 failed',
      '  … 1 done',
    ]);
  });

  test('no height is exceeded, whatever the shape', () => {
    const told = many();
    for (const parent of ['2:each/999', '2:each/1000'])
      for (let item = 1; item <= 30; item += 1) told.begin(`${parent}/${item}`);
    for (const height of [3, 4, 5, 7, 11, 16, 40]) {
      const lines = told.lines({ height });
      expect(lines.length).toBeLessThanOrEqual(height);
      expect(lines.length).toBeGreaterThan(Math.min(1, height - 3));
    }
  });
});

test('a narrow terminal loses what is least important, and no line is wider than it', () => {
  const told = new Told();
  told.begin('1:a name that is far too long for a narrow terminal, 漢字 and all');
  told.spend('1:a name that is far too long for a narrow terminal, 漢字 and all/turn-1', 5_000, 1);
  for (const width of [20, 30, 39, 60, 80])
    for (const line of told.lines({ width })) {
      const wide = [...line.matchAll(/[漢字]/g)].length;
      expect(line.length + wide).toBeLessThanOrEqual(width);
    }
  expect(told.lines({ width: 60 })[0]).toBe('○ research  0.0 s');
  expect(told.lines({ width: 30 })[0]).toBe('○ research');
});

test('what models and parts are called draws nothing', () => {
  const told = new Told();
  told.begin('1:evil\u001b[2K\u202e');
  expect(told.lines()[1]).toBe('  ○ 1:evil  (agent)  0.0 s');
});
