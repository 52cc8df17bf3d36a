/** Tells a person of each problem once, until it is solved. */
import type { SourceOptions } from '../source.ts';

type Problem = Parameters<SourceOptions['onProblem']>[0];

export class Problems {
  readonly #onProblem: SourceOptions['onProblem'];
  readonly #open = new Set<string>();

  constructor(onProblem: SourceOptions['onProblem']) {
    this.#onProblem = onProblem;
  }

  tell(problem: Problem): void {
    if (this.#open.has(problem.code)) return;
    this.#open.add(problem.code);
    this.#onProblem(problem);
  }

  /** Should it come again, it is told again. */
  solved(code: string): void {
    this.#open.delete(code);
  }
}
