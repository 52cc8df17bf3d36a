/** A figure beside the budget that it has to keep. */
export interface Verdict {
  readonly what: string;
  readonly unit: string;
  readonly is: number;
  readonly atMost?: number;
  readonly atLeast?: number;
}

export function printVerdicts(verdicts: readonly Verdict[]): void {
  if (verdicts.length === 0) return;
  console.log('Budgets');
  for (const { what, unit, is, atMost, atLeast } of verdicts) {
    const kept = is <= (atMost ?? Number.POSITIVE_INFINITY) && is >= (atLeast ?? Number.NEGATIVE_INFINITY);
    const budget = atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`;
    console.log(`  ${what}: ${readable(is)} ${unit}, ${budget}: ${kept ? 'kept' : 'exceeded'}`);
  }
  console.log();
}

function readable(value: number): string {
  return Math.abs(value) < 10 ? value.toFixed(2) : value.toFixed(0);
}
