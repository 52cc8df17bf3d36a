/** What one run shows, and what of another one it lost. */
import type { Exception } from './exceptions.ts';
import type { Check, ScenarioResult, SuiteRun } from './suite.ts';

export interface Found {
  readonly scenario: string;
  readonly check: string;
  readonly message: string;
}

export interface Counts {
  readonly scenarios: number;
  readonly scored: number;
  /** Those that say yes or no: what is told on the way is none. */
  readonly checks: number;
  readonly passed: number;
  readonly scoredFailures: readonly Found[];
  readonly unscoredFailures: readonly Found[];
  readonly warnings: readonly Found[];
}

export function countsOf({ scenarios }: SuiteRun): Counts {
  const scored = scenarios.filter((scenario) => scenario.scored);
  const checks = scenarios.flatMap(({ checks }) => checks).filter(isVerdict);
  return {
    scenarios: scenarios.length,
    scored: scored.length,
    checks: checks.length,
    passed: checks.filter(({ status }) => status === 'SUCCESS').length,
    scoredFailures: found(scored, 'FAILURE'),
    unscoredFailures: found(
      scenarios.filter((scenario) => !scenario.scored),
      'FAILURE',
    ),
    warnings: found(scenarios, 'WARNING'),
  };
}

export interface Lost extends Found {
  readonly exception?: Exception;
}

/** Checks that passed directly and did not pass through, those that were not reached at all included. */
export function lostOf(
  direct: SuiteRun,
  through: SuiteRun,
  exceptions: readonly Exception[],
): readonly Lost[] {
  const reached = new Map(through.scenarios.map(({ name, checks }) => [name, checks]));
  return direct.scenarios.flatMap(({ name: scenario, checks }) => {
    const after = new Map((reached.get(scenario) ?? []).map((check) => [check.key, check]));
    return checks.flatMap(({ key, status }) => {
      const now = after.get(key);
      if (status !== 'SUCCESS' || now?.status === 'SUCCESS') return [];
      const message = now === undefined ? 'not reached' : `${now.status}: ${now.message}`;
      const exception = exceptions.find(
        (one) => one.scenario === scenario && one.checks.some((id) => key.startsWith(id)),
      );
      return [{ scenario, check: key, message, ...(exception === undefined ? {} : { exception }) }];
    });
  });
}

function isVerdict({ status }: Check): boolean {
  return status !== 'INFO' && status !== 'SKIPPED';
}

function found(scenarios: readonly ScenarioResult[], wanted: Check['status']): readonly Found[] {
  return scenarios.flatMap(({ name: scenario, checks }) =>
    checks
      .filter(({ status }) => status === wanted)
      .map(({ key: check, message }) => ({ scenario, check, message })),
  );
}
