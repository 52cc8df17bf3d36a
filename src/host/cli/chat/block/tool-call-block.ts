import { truncateToWidth, visibleWidth, wrapTextWithAnsi } from '@earendil-works/pi-tui';

import type { JsonObject } from '../../../../json.ts';
import type { ToolCallOutcomeType } from '../../../event.ts';
import { lookAlikes } from '../look-alikes.ts';
import { bytes, duration, oneLine, printable } from '../../terminal.ts';
import type { Theme } from '../theme.ts';
import { FoldableBlock } from './block.ts';

export interface ToolCallStart {
  readonly name: string;
  readonly server: string;
  readonly arguments: JsonObject;
}

export interface ToolCallEnd {
  readonly outcome: ToolCallOutcomeType;
  /** Undefined: not known any more. */
  readonly durationMs?: number;
  readonly sizeBytes: number;
  readonly text?: string;
  readonly error?: { readonly message: string };
}

/** What a folded result shows of itself. */
const MAX_FOLDED_LINES = 3;
/** Unfolded, a result is shown to here; the whole of it is in the session. */
const MAX_LINES = 2_000;
const MAX_ARGUMENTS = 2_000;

/** One tool call: a line while it runs, its result below it when it has ended. */
export class ToolCallBlock extends FoldableBlock {
  readonly #start: ToolCallStart;
  readonly #startedMs = performance.now();
  #progress = '';
  #approval = '';
  #end: ToolCallEnd | undefined;
  #text = '';
  #elapsedSeconds = 0;

  constructor(theme: Theme, start: ToolCallStart) {
    super(theme);
    this.#start = start;
  }

  get running(): boolean {
    return this.#end === undefined;
  }

  override get foldable(): boolean {
    return (
      this.#end !== undefined && (this.#text.split('\n').length > MAX_FOLDED_LINES || this.#longArguments)
    );
  }

  get #longArguments(): boolean {
    return JSON.stringify(this.#start.arguments).length > 80;
  }

  /** True where the elapsed time that is shown changed. */
  tick(): boolean {
    const seconds = Math.floor((performance.now() - this.#startedMs) / 1_000);
    if (!this.running || seconds === this.#elapsedSeconds) return false;
    this.#elapsedSeconds = seconds;
    this.invalidate();
    return true;
  }

  progress(progress: number, total: number | undefined, message: string | undefined): void {
    const count = total === undefined ? String(progress) : `${progress}/${total}`;
    this.#progress = [count, message === undefined ? '' : oneLine(message, 200)].filter(Boolean).join(' ');
    this.invalidate();
  }

  approval(text: string): void {
    this.#approval = text;
    this.invalidate();
  }

  end(end: ToolCallEnd): void {
    this.#end = end;
    this.#text = printable(end.text ?? '').trimEnd();
    this.invalidate();
  }

  /** No end will be told: the run was stopped. */
  abandon(): void {
    if (!this.running) return;
    this.end({ outcome: 'cancelled', durationMs: performance.now() - this.#startedMs, sizeBytes: 0 });
  }

  protected lines(width: number): string[] {
    const { cut, style, symbols } = this.theme;
    const lines = ['', this.#headline(width)];
    if (!this.folded) lines.push(...this.#argumentLines(width));
    if (this.#approval !== '') lines.push(style('dim', cut(`  ${this.#approval}`, width)));
    if (this.#end === undefined) {
      if (this.#progress !== '')
        lines.push(style('dim', cut(`  ${symbols.branch} ${this.#progress}`, width)));
      return lines;
    }
    const failure = this.#end.error;
    if (failure && this.#text === '') {
      const text = wrapTextWithAnsi(printable(failure.message), Math.max(1, width - 2));
      lines.push(...text.map((line) => `  ${style('yellow', line)}`));
    }
    return [...lines, ...this.#resultLines(width), ...this.#warningLines(width)];
  }

  #headline(width: number): string {
    const { cut, style, symbols } = this.theme;
    const { name, server, arguments: args } = this.#start;
    const [sign, colour] =
      this.#end === undefined
        ? ([symbols.running, 'cyan'] as const)
        : this.#end.outcome === 'complete'
          ? ([symbols.done, 'green'] as const)
          : ([symbols.failed, 'red'] as const);
    const tool = name.startsWith(`${server}__`) ? name.slice(server.length + 2) : name;
    const title = [server, tool].filter(Boolean).map(printable).join(symbols.separator);
    const facts = this.#facts();
    const shown = Object.keys(args).length === 0 ? '' : ` ${oneLine(JSON.stringify(args), 400)}`;
    // What is cut first on a narrow terminal are the arguments, which unfolding shows.
    const room = width - visibleWidth(`${sign} ${title}`) - (facts === '' ? 0 : facts.length + 2);
    const middle = room > 6 ? cut(shown, room) : '';
    const line = `${style(colour, sign)} ${style('bold', title)}${style('dim', `${middle}${facts === '' ? '' : `  ${facts}`}`)}`;
    return truncateToWidth(line, width, symbols.ellipsis);
  }

  #facts(): string {
    if (this.#end === undefined) return this.#elapsedSeconds === 0 ? '' : `${this.#elapsedSeconds} s`;
    const { outcome, durationMs, sizeBytes } = this.#end;
    const facts = [
      ...(outcome === 'complete' ? [] : [outcome]),
      ...(durationMs === undefined || durationMs === 0 ? [] : [duration(durationMs)]),
      ...(outcome === 'complete' ? [bytes(sizeBytes)] : []),
    ];
    return facts.join(', ');
  }

  #argumentLines(width: number): string[] {
    const json = printable(JSON.stringify(this.#start.arguments, null, 2));
    const { style, symbols } = this.theme;
    const shown = json.length > MAX_ARGUMENTS ? `${json.slice(0, MAX_ARGUMENTS)}${symbols.ellipsis}` : json;
    return wrapTextWithAnsi(shown, Math.max(1, width - 2)).map((line) => style('dim', `  ${line}`));
  }

  #resultLines(width: number): string[] {
    if (this.#text === '') return [];
    const { cut, style, symbols } = this.theme;
    const all = this.#text.split('\n');
    const shown = all.slice(0, this.folded ? MAX_FOLDED_LINES : MAX_LINES);
    const columns = Math.max(1, width - 2);
    const lines = this.folded
      ? shown.map((line) => cut(line.replaceAll('\t', '  '), columns))
      : shown.flatMap((line) => wrapTextWithAnsi(line.replaceAll('\t', '  '), columns));
    const more = all.length - shown.length;
    const hint = this.folded ? ' (Ctrl-O)' : '';
    if (more > 0) lines.push(`${symbols.ellipsis} ${more.toLocaleString('en')} more lines${hint}`);
    return lines.map((line) => `  ${style('dim', line)}`);
  }

  #warningLines(width: number): string[] {
    const found = lookAlikes(this.#text);
    if (found.length === 0) return [];
    const text = `Letters of another alphabet that look like Latin ones: ${found.join(', ')}`;
    return wrapTextWithAnsi(text, Math.max(1, width - 2)).map(
      (line) => `  ${this.theme.style('yellow', line)}`,
    );
  }
}
