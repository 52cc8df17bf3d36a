/** The conformance suite of the protocol's authors: its pinned versions, and runs of it. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { cacheFolder, entryScript, install } from '../compat/install.ts';

/** One way of running it. `era`: that of the client which it is. */
export interface Requirements {
  readonly name: string;
  readonly era: 'legacy' | 'modern';
  readonly version: string;
  /** Which scenarios. */
  readonly choice: readonly string[];
}

export const REQUIREMENTS: readonly Requirements[] = [
  {
    name: '2025-11-25',
    era: 'legacy',
    version: '0.2.0-alpha.12',
    choice: ['--requirements', '2025-11-25'],
  },
  {
    name: '2026-07-28',
    era: 'modern',
    version: '0.2.0-alpha.12',
    choice: ['--requirements', '2026-07-28'],
  },
  { name: '0.1.16', era: 'legacy', version: '0.1.16', choice: ['--suite', 'all'] },
];

export type CheckStatus = 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';

export interface Check {
  /** Distinct within its scenario, and the same in each run. */
  readonly key: string;
  readonly status: CheckStatus;
  readonly message: string;
}

export interface ScenarioResult {
  readonly name: string;
  readonly scored: boolean;
  readonly checks: readonly Check[];
}

export interface SuiteRun {
  readonly requirements: Requirements;
  readonly scenarios: readonly ScenarioResult[];
}

/** In place of those of a scenario that threw. */
const UNFINISHED: Check = { key: 'scenario ends', status: 'FAILURE', message: 'it gave no result' };

const SUITE = '@modelcontextprotocol/conformance';

/** The script of one version, installed where it is not. */
export async function suiteScript(version: string): Promise<string> {
  const folder = join(cacheFolder('conformance'), version);
  const wanted = { package: SUITE, version };
  await install(folder, [wanted]);
  return entryScript(folder, wanted);
}

/** Runs the scenarios against a server that is up, or one of them: then none where the requirements have no such scenario. */
export async function runAgainst(
  url: string,
  requirements: Requirements,
  scenario?: string,
): Promise<SuiteRun> {
  const script = await suiteScript(requirements.version);
  const results = await mkdtemp(join(tmpdir(), 'switchyard-conformance-'));
  try {
    const choice = scenario === undefined ? requirements.choice : chosenAlone(scenario, requirements);
    const output = await runNode([script, 'server', '--url', url, ...choice, '-o', results]);
    const unscored = unscoredIn(output);
    const scenarios = readdirSync(results).map((folder) => {
      const name = folder.replace(/^server-/, '').replace(/-\d{4}-\d{2}-\d{2}T[\d-]+Z$/, '');
      const file = join(results, folder, 'checks.json');
      const checks = existsSync(file) ? checksOf(readFileSync(file, 'utf8')) : [UNFINISHED];
      return { name, scored: !unscored.has(name), checks };
    });
    if (scenario !== undefined) return { requirements, scenarios: scenarios.filter(hasResult) };
    if (scenarios.length === 0) throw new Error(`The suite ran no scenario:\n${output}`);
    return { requirements, scenarios };
  } finally {
    await rm(results, { recursive: true, force: true });
  }
}

/** Resolves also where it exits with 1, which is how it tells of failures. */
export async function runNode(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { maxBuffer: 64_000_000 }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
}

function chosenAlone(scenario: string, { name, version }: Requirements): readonly string[] {
  return ['--scenario', scenario, ...(name === version ? [] : ['--spec-version', name])];
}

function hasResult({ checks }: ScenarioResult): boolean {
  return !checks.includes(UNFINISHED);
}

/** `  ✓ tasks-lifecycle (extension)`, below the line that says which are not scored. */
function unscoredIn(output: string): ReadonlySet<string> {
  const [, below = ''] = output.split('\nNot scored for ');
  return new Set([...below.matchAll(/^ {2}\S (\S+) \(/gm)].map(([, name = '']) => name));
}

/** Several checks of one scenario may have the same id and name: they are told apart by their order. */
export function checksOf(text: string): readonly Check[] {
  const counts = new Map<string, number>();
  const written = JSON.parse(text) as readonly {
    readonly id: string;
    readonly name: string;
    readonly status: CheckStatus;
    readonly errorMessage?: string;
  }[];
  return written.map(({ id, name, status, errorMessage = '' }) => {
    const plain = `${id} ${name}`;
    const count = (counts.get(plain) ?? 0) + 1;
    counts.set(plain, count);
    return { key: count === 1 ? plain : `${plain} ${count}`, status, message: errorMessage };
  });
}
