import type { Component } from '@earendil-works/pi-tui';
import { visibleWidth } from '@earendil-works/pi-tui';

import { printable } from '../terminal.ts';
import type { Theme } from './theme.ts';
import type { Spent } from './usage-meter.ts';

export interface StatusFacts {
  readonly model: string;
  readonly spent: Spent;
  readonly contextWindowTokens: number | undefined;
  /** Name of the session, else the working folder. */
  readonly place: string;
}

/** Model, tokens, cost, context fill and place, in one line; on a narrow terminal the least important go first. */
export class StatusLine implements Component {
  readonly #theme: Theme;
  readonly #facts: () => StatusFacts;

  constructor(theme: Theme, facts: () => StatusFacts) {
    this.#theme = theme;
    this.#facts = facts;
  }

  invalidate(): void {}

  render(width: number): string[] {
    const { cut, symbols, style } = this.#theme;
    const line = fitted(statusParts(this.#facts()), symbols.separator, width);
    return [style('dim', cut(line, width))];
  }
}

interface StatusPart {
  /** From the most to the least words for it. */
  readonly forms: readonly string[];
  /** The higher, the longer it stays. */
  readonly rank: number;
}

function statusParts({ model, spent, contextWindowTokens, place }: StatusFacts): readonly StatusPart[] {
  const shortModel = model.slice(model.lastIndexOf('/') + 1);
  const input = tokens(spent.inputTokens);
  const output = tokens(spent.outputTokens);
  const cached = spent.cachedTokens ? ` (${tokens(spent.cachedTokens)} cached)` : '';
  const cost = spent.costUsd === undefined ? '?' : usd(spent.costUsd);
  const fill = contextFill(spent.contextTokens, contextWindowTokens);
  return [
    { forms: [printable(model), printable(shortModel)], rank: 5 },
    {
      forms: [`${input} in${cached} ${output} out`, `${input} in ${output} out`, `${input}/${output}`],
      rank: 2,
    },
    { forms: [`cost ${cost === '?' ? 'unknown' : cost}`, cost], rank: 3 },
    { forms: [`context ${fill}`, `ctx ${fill === 'unknown' ? '?' : fill}`], rank: 4 },
    { forms: [printable(place)], rank: 1 },
  ];
}

/** Shortens the parts, the least important first, then leaves them out in the same order. */
function fitted(parts: readonly StatusPart[], separator: string, width: number): string {
  const forms = new Map(parts.map((part) => [part, 0]));
  const line = (): string =>
    parts.flatMap((part) => part.forms[forms.get(part) ?? part.forms.length] ?? []).join(separator);
  const leastFirst = [...parts].sort((one, other) => one.rank - other.rank);
  for (const part of leastFirst) {
    if (visibleWidth(line()) <= width) return line();
    forms.set(part, part.forms.length - 1);
  }
  for (const part of leastFirst.slice(0, -1)) {
    if (visibleWidth(line()) <= width) return line();
    forms.delete(part);
  }
  return line();
}

export function contextFill(contextTokens: number | undefined, windowTokens: number | undefined): string {
  if (contextTokens === undefined || windowTokens === undefined) return 'unknown';
  return `${Math.round((contextTokens / windowTokens) * 100)}%`;
}

export function tokens(count: number | undefined): string {
  if (count === undefined) return '?';
  if (count < 1_000) return String(count);
  return count < 1_000_000 ? `${(count / 1_000).toFixed(1)}k` : `${(count / 1_000_000).toFixed(1)}M`;
}

export function usd(amount: number): string {
  return `$${amount < 0.01 && amount > 0 ? amount.toFixed(4) : amount.toFixed(2)}`;
}
