/** The suite's scenarios for clients, run on client.ts: a process for each, all at once. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';

import {
  type CheckStatus,
  checksOf,
  type Requirements,
  runNode,
  type ScenarioResult,
  type SuiteRun,
  suiteScript,
} from './suite.ts';

/** Extensions of the protocol that a host for people has no use for, each with the reason. No requirements score them. */
export const NOT_SPOKEN: Readonly<Record<string, string>> = {
  'auth/client-credentials-basic': 'a login without a person: a key in `headers` does that',
  'auth/client-credentials-jwt': 'a login without a person: a key in `headers` does that',
  'auth/wif-jwt-bearer': 'a login as the machine that it runs on',
  'auth/enterprise-managed-authorization': 'a login by way of an employer',
  'auth/cross-app-access-complete-flow': 'a login by way of an employer',
  'auth/dpop': 'tokens that are bound to a key',
  'auth/dpop-nonce': 'tokens that are bound to a key',
};

const CLIENT = join(import.meta.dirname, 'client.ts');
/** Of one scenario, while all of them run. */
const TIMEOUT_MS = 180_000;

/**
 * Started all at once, processes are slower than some scenarios' clocks, and than servers that close a socket which nobody
 * uses: what does not pass is run again alone, and counts as it does then.
 */
export async function runClient(requirements: Requirements, scenario?: string): Promise<SuiteRun> {
  if (scenario !== undefined) return runAtOnce(requirements, scenario);
  const run = await runAtOnce(requirements);
  const scenarios: ScenarioResult[] = [];
  for (const found of run.scenarios) {
    const isSettled = found.name in NOT_SPOKEN || found.checks.every(({ status }) => !isBad(status));
    const [alone] = isSettled ? [] : (await runAtOnce(requirements, found.name)).scenarios;
    scenarios.push(alone ?? found);
  }
  return { requirements, scenarios };
}

function isBad(status: CheckStatus): boolean {
  return status === 'FAILURE' || status === 'WARNING';
}

async function runAtOnce(requirements: Requirements, scenario?: string): Promise<SuiteRun> {
  const script = await suiteScript(requirements.version);
  const results = await mkdtemp(join(tmpdir(), 'switchyard-conformance-'));
  try {
    const output = await runNode([
      script,
      'client',
      '--command',
      `${process.execPath} ${CLIENT}`,
      ...(scenario === undefined ? requirements.choice : one(scenario, requirements)),
      '--timeout',
      String(TIMEOUT_MS),
      '-o',
      results,
    ]);
    const scenarios = resultsIn(results);
    if (scenarios.length === 0 && scenario === undefined)
      throw new Error(`The suite ran no scenario:\n${output}`);
    const [, unscored = ''] = output.split('\nNot scored for ');
    const isScored = (name: string): boolean => !(name in NOT_SPOKEN) && !unscored.includes(` ${name} (`);
    return {
      requirements,
      scenarios: scenarios.map((found) => ({ ...found, scored: isScored(found.name) })),
    };
  } finally {
    await rm(results, { recursive: true, force: true });
  }
}

function one(scenario: string, { name, version }: Requirements): readonly string[] {
  return ['--scenario', scenario, ...(name === version ? [] : ['--spec-version', name])];
}

/** `auth/iss-supported-2026-11-26T22-57-10-010Z/checks.json` */
function resultsIn(folder: string): readonly Omit<ScenarioResult, 'scored'>[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('checks.json'))
    .map((file) => ({
      name: dirname(file)
        .replaceAll(sep, '/')
        .replace(/-\d{4}-\d{2}-\d{2}T[\d-]+Z$/, ''),
      checks: checksOf(readFileSync(join(folder, file), 'utf8')),
    }));
}
