/** The labelled sets, as they are read from the data folder; nothing of them is kept here. */
import { readFileSync } from 'node:fs';

import { benchData } from '../report.ts';

export interface Labelled {
  readonly text: string;
  readonly isInjection: boolean;
}

export interface Context {
  readonly text: string;
  readonly task: 'table' | 'email' | 'code';
}

export interface PiiText {
  readonly text: string;
  readonly spans: readonly { readonly type: string; readonly start: number; readonly end: number }[];
}

export function labelled(file: string): readonly Labelled[] | undefined {
  return rows(file)?.map(({ text, label }) => ({ text: String(text), isInjection: label === 1 }));
}

export function contexts(): readonly Context[] | undefined {
  return rows('bipia_train_contexts.jsonl')?.map(({ text, task }) => ({
    text: String(text),
    task: task as Context['task'],
  }));
}

export function attacks(): readonly { readonly text: string; readonly isCode: boolean }[] | undefined {
  const file = benchData('guards', 'bipia_train_attacks.json');
  if (file === undefined) return undefined;
  const read = JSON.parse(readFileSync(file, 'utf8')) as readonly { text: string; kind: string }[];
  return read.map(({ text, kind }) => ({ text, isCode: kind === 'code' }));
}

export function piiTexts(): readonly PiiText[] | undefined {
  return rows('presidio_even.jsonl') as readonly PiiText[] | undefined;
}

function rows(name: string): readonly Record<string, unknown>[] | undefined {
  const file = benchData('guards', name);
  if (file === undefined) return undefined;
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Every second row from the given one on: patterns and thresholds were made on half 0 and are judged on half 1. */
export function half<Row>(all: readonly Row[], which: 0 | 1): readonly Row[] {
  return all.filter((_, index) => index % 2 === which);
}
