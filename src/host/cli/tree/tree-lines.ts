/** The tree of a run's branches as lines of a terminal. */
import type { Theme } from '../chat/theme.ts';
import { tokens, usd } from '../chat/status-line.ts';
import { oneLine } from '../terminal.ts';
import type { Branch, BranchState, BranchTree } from './branch-tree.ts';
import { shownRows } from './shown-branches.ts';

export interface TreeLinesOptions {
  readonly theme: Pick<Theme, 'symbols' | 'style' | 'cut' | 'fit'>;
  readonly width: number;
  /** The most lines there may be, at least 3. */
  readonly height: number;
  /** Monotonic milliseconds. */
  readonly nowMs: number;
}

/** Below these widths the least important is left out. */
const WIDE = 70;
const NARROW = 40;

export function treeLines(tree: BranchTree, options: TreeLinesOptions): string[] {
  const rows = shownRows(tree, options.height - 1);
  return [
    branchLine(tree.root, options),
    ...rows.map((row) =>
      row.type === 'branch' ? branchLine(row.branch, options) : restLine(row.parent, row.counts, options),
    ),
  ];
}

function branchLine(branch: Branch, { theme, width, nowMs }: TreeLinesOptions): string {
  const { symbols, style, cut } = theme;
  const { state, name, kind, depth, step, error, startedMs, endedMs } = branch;
  const indent = '  '.repeat(Math.min(depth, Math.floor(width / 8)));
  const head = `${indent}${markOf(state, theme)} ${oneLine(name === '' ? kind : name, 200)}`;
  const doing = error ?? (state === 'running' ? step : state === 'done' ? '' : state);
  const figures = [
    ...(width < NARROW ? [] : [seconds((endedMs ?? nowMs) - startedMs)]),
    ...(width < WIDE ? [] : spent(branch)),
  ].join(symbols.separator);
  const what = [
    ...(name === '' || width < WIDE ? [] : [`(${kind})`]),
    ...(doing === '' ? [] : [oneLine(doing, 300)]),
  ].join(' ');
  const room = width - (figures === '' ? 0 : figures.length + 2);
  const left = cut(what === '' ? head : `${head}  ${what}`, room);
  const line = figures === '' ? left : `${left}  ${figures}`;
  return theme.fit(style(STYLES[state], line), width);
}

function restLine(parent: Branch, counts: Branch['counts'], { theme, width }: TreeLinesOptions): string {
  const { symbols, style, cut } = theme;
  const indent = '  '.repeat(Math.min(parent.depth + 1, Math.floor(width / 8)));
  const told = STATES.filter((state) => counts[state] > 0).map(
    (state) => `${counts[state].toLocaleString('en')} ${state}`,
  );
  return theme.fit(style('dim', cut(`${indent}${symbols.ellipsis} ${told.join(', ')}`, width)), width);
}

/** Worth showing where something was spent. */
function spent({ tokens: count, costUsd }: Branch): string[] {
  if (count === 0) return [];
  return [`${tokens(count)} tokens`, ...(costUsd === undefined ? [] : [usd(costUsd)])];
}

function seconds(ms: number): string {
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const whole = Math.floor(ms / 1_000);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')} min`;
}

const STATES: readonly BranchState[] = ['running', 'done', 'failed', 'stopped', 'cancelled'];

const STYLES = {
  running: 'cyan',
  done: 'dim',
  failed: 'red',
  stopped: 'yellow',
  cancelled: 'dim',
} as const satisfies Record<BranchState, string>;

function markOf(state: BranchState, { symbols }: Pick<Theme, 'symbols'>): string {
  switch (state) {
    case 'running':
    case 'done':
    case 'failed':
      return symbols[state];
    case 'stopped':
      return symbols.stopped;
    case 'cancelled':
      return symbols.cancelled;
    default:
      return state satisfies never;
  }
}
