/** The Inspector's own command line before the gateway: each of its operations once, in both eras. */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { messageOf } from '../../src/errors.ts';
import type { JsonObject } from '../../src/json.ts';
import { printTable } from '../report.ts';
import { cacheFolder, entryScript, install, type PinnedPackage } from './install.ts';

const INSPECTOR: PinnedPackage = { package: '@modelcontextprotocol/inspector', version: '2.12.0' };
const NAME = 'switchyard';
const RUN_MS = 60_000;

interface Operation {
  readonly method: string;
  readonly flags?: readonly string[];
  /** What the result holds where the operation did what it should. */
  readonly answers: RegExp;
  /** Where the other era does not have it. */
  readonly onlyIn?: 'legacy';
}

/** Of the servers of `servers.ts`. */
const OPERATIONS: readonly Operation[] = [
  { method: 'initialize', answers: /"serverInfo":\{"name":"switchyard"/ },
  { method: 'tools/list', flags: ['--strict'], answers: /"name":"git__git_init"/ },
  {
    method: 'tools/call',
    flags: ['--tool-name', 'everything__get-sum', '--tool-args-json', '{"a":40,"b":7}'],
    answers: /40 and 7 is 47/,
  },
  { method: 'resources/list', answers: /"uri":"demo:\/\/resource\/static\/document\// },
  {
    method: 'resources/read',
    flags: ['--uri', 'demo://resource/dynamic/text/1'],
    answers: /"uri":"demo:\/\/resource\/dynamic\/text\/1"/,
  },
  { method: 'resources/templates/list', answers: /"uriTemplate":"switchyard:\/\/results\/\{id\}"/ },
  { method: 'prompts/list', answers: /"name":"everything__args-prompt"/ },
  {
    method: 'prompts/get',
    flags: ['--prompt-name', 'everything__args-prompt', '--prompt-args', 'city=Ulm'],
    answers: /Ulm/,
  },
  { method: 'logging/setLevel', flags: ['--log-level', 'warning'], answers: /\{\}/, onlyIn: 'legacy' },
];

/** `ways`: an entry of `mcpServers` for each way to the gateway. False where an operation fails. */
export async function runInspector(
  folder: string,
  ways: readonly { readonly name: string; readonly entry: JsonObject }[],
): Promise<boolean> {
  const installed = join(cacheFolder(), 'inspector');
  await install(installed, [INSPECTOR]);
  const home = join(folder, 'inspector');
  mkdirSync(home, { recursive: true });
  const rows: string[][] = [];
  for (const { name, entry } of ways) {
    const config = join(home, `${name}.json`);
    writeFileSync(config, JSON.stringify({ mcpServers: { [NAME]: entry } }));
    for (const era of ['modern', 'legacy'] as const)
      for (const operation of OPERATIONS) {
        if (operation.onlyIn !== undefined && operation.onlyIn !== era) continue;
        const args = ['--cli', '--config', config, '--server', NAME, '--protocol-era', era];
        const outcome = await run([entryScript(installed, INSPECTOR), ...args], operation, home);
        rows.push([name, era, operation.method, outcome]);
      }
  }
  console.log(`\n${INSPECTOR.package} ${INSPECTOR.version}, its command line before the gateway\n`);
  printTable(['transport', 'era', 'operation', 'outcome'], rows);
  return rows.every(([, , , outcome]) => outcome === 'ok');
}

async function run(
  command: readonly string[],
  { method, flags = [], answers }: Operation,
  home: string,
): Promise<string> {
  const env = { ...process.env, HOME: home, MCP_INSPECTOR_SECRET_STORE: 'memory' };
  const args = [...command, '--format', 'json', '--method', method, ...flags];
  try {
    const options = { env, cwd: home, timeout: RUN_MS, maxBuffer: 64 * 1_024 * 1_024 };
    const { stdout } = await promisify(execFile)(process.execPath, args, options);
    return answers.test(stdout) ? 'ok' : `unexpected answer: ${stdout.slice(0, 200)}`;
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    return `failed: ${(stderr ?? messageOf(error)).slice(0, 300)}`;
  }
}
