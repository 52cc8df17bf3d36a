/** Something is made, judged and made again, until it is good enough or often enough. */
import type { Json } from '../../../json.ts';
import { type Part, part, runPart } from './part.ts';

export type RefineTask<Input extends Json, Draft extends Json> = {
  readonly input: Input;
  /** Absent the first time. */
  readonly draft?: Draft;
  /** What the judge said of the draft. */
  readonly feedback?: string;
};

export type Judgement = { readonly accepted: boolean; readonly feedback: string };

export type Refined<Draft extends Json> = {
  readonly output: Draft;
  readonly rounds: number;
  readonly accepted: boolean;
  /** The judge's last words. */
  readonly feedback: string;
};

export interface RefineOptions {
  readonly name?: string;
  /** 3 by default. */
  readonly maxRounds?: number;
}

/** Gives the last draft, also where it was never accepted: `accepted` says so. */
export function refine<Input extends Json, Draft extends Json>(
  make: Part<RefineTask<Input, Draft>, Draft>,
  judge: Part<{ readonly input: Input; readonly draft: Draft }, Judgement>,
  { name: label, maxRounds = 3 }: RefineOptions = {},
): Part<Input, Refined<Draft>> {
  return part('refine', { label }, async (context, input) => {
    let task: RefineTask<Input, Draft> = { input };
    for (let round = 1; ; round += 1) {
      const draft = await runPart(context, `${round}-make`, make, task);
      const judged = { input, draft };
      const { accepted, feedback } = await runPart(context, `${round}-judge`, judge, judged);
      if (accepted || round >= maxRounds) return { output: draft, rounds: round, accepted, feedback };
      task = { input, draft, feedback };
    }
  });
}
