import type { Component } from '@earendil-works/pi-tui';

import type { Activity } from './run-view.ts';
import type { Theme } from './theme.ts';

const WORDS: Readonly<Record<Activity, string>> = {
  waiting: 'Waiting for the model',
  thinking: 'Thinking',
  answering: 'Answering',
  calling: 'Writing a tool call',
  tools: 'Running tools',
  asking: 'Waiting for your answer',
};

/** What a run is doing, while it does; a blank line between runs. */
export class ActivityLine implements Component {
  readonly #theme: Theme;
  #startedMs: number | undefined;
  #activity: () => Activity = () => 'waiting';
  #stopping = false;

  constructor(theme: Theme) {
    this.#theme = theme;
  }

  start(activity: () => Activity): void {
    this.#startedMs = performance.now();
    this.#activity = activity;
    this.#stopping = false;
  }

  stopping(): void {
    this.#stopping = true;
  }

  end(): void {
    this.#startedMs = undefined;
  }

  invalidate(): void {}

  render(width: number): string[] {
    if (this.#startedMs === undefined) return [''];
    const { cut, style, symbols } = this.#theme;
    const elapsedMs = performance.now() - this.#startedMs;
    const sign = symbols.spinner[Math.floor(elapsedMs / 100) % symbols.spinner.length] ?? '';
    const seconds = `${Math.floor(elapsedMs / 1_000)} s`;
    const words = this.#stopping ? 'Stopping' : `${WORDS[this.#activity()]} ${seconds}`;
    const hint = `${symbols.separator}Ctrl-C ${this.#stopping ? 'leaves' : 'stops'}`;
    const room = width - sign.length - 1;
    const text = words.length + hint.length <= room ? `${words}${hint}` : words;
    return ['', `${style('cyan', sign)} ${style('dim', cut(text, room))}`];
  }
}
