/** The process is killed by SIGKILL inside every branch of every pattern, and what goes on gives the same output. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

import { expect, test } from 'vitest';

import type { Json, JsonObject } from '../../../src/json.ts';
import { agentTools } from '../../fixtures/agent-tools.ts';
import { PROGRAM } from '../../fixtures/command-line.ts';
import { COMPILE_CACHE } from '../../fixtures/compile-cache.ts';
import { WORKFLOWS } from '../../fixtures/every-pattern/config.ts';
import { INPUT, OUTPUT, questionOf, speak } from '../../fixtures/every-pattern/voices.ts';
import { type ModelServer, startModelServer } from '../../fixtures/model/model-server.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

/** Questions that come within this time of one that waits for the kill are killed with it; any number of them would do. */
const GATHER_MS = 150;

interface KilledWorld extends AsyncDisposable {
  /** Starts `node` with these arguments, and kills it as soon as the model is asked something for the first time. */
  run(
    args: readonly string[],
  ): Promise<{ readonly killed: boolean; readonly stdout: string; readonly stderr: string }>;
  readonly model: ModelServer;
  readonly configFile: string;
  readonly kills: () => number;
  /** Of which each was left without an answer by a kill. */
  readonly questions: () => number;
}

async function openWorld(wire: 'anthropic' | 'openai', workflows: JsonObject): Promise<KilledWorld> {
  const folder = await temporaryFolder('killed');
  const seen = new Set<string>();
  let kill: (() => void) | undefined;
  let kills = 0;
  const model = await startModelServer({
    script: async (request) => {
      const question = questionOf(request);
      if (seen.has(question)) return speak(request);
      seen.add(question);
      const ofAsker = kill;
      await delay(GATHER_MS);
      ofAsker?.();
      return { type: 'silence' };
    },
  });
  const { type: _, name: __, ...tools } = agentTools();
  const where =
    wire === 'openai'
      ? { model: 'openai/scripted', baseUrl: model.openaiUrl }
      : { model: 'anthropic/scripted', baseUrl: model.url };
  const configFile = join(folder.path, 'config.json');
  await writeFile(
    configFile,
    JSON.stringify({
      models: { default: { ...where, apiKey: 'none' } },
      mcpServers: { tools },
      workflows,
      budget: { maxTurns: 100 },
    }),
  );
  return {
    model,
    configFile,
    kills: () => kills,
    questions: () => seen.size,
    async run(args) {
      const child = spawn(process.execPath, args, {
        cwd: folder.path,
        env: {
          ...COMPILE_CACHE,
          PATH: process.env['PATH'] ?? '',
          HOME: folder.path,
          SWITCHYARD_HOME: folder.path,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let killed = false;
      kill = () => {
        if (!killed && child.kill('SIGKILL')) kills += 1;
        killed = true;
      };
      const [stdout, stderr] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close'),
      ]);
      kill = undefined;
      return { killed, stdout, stderr };
    },
    async [Symbol.asyncDispose]() {
      await model[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** `first` starts the run, `again` goes on with it. */
async function untilItEnds(
  world: KilledWorld,
  first: readonly string[],
  again: () => Promise<readonly string[]>,
): Promise<string> {
  let ended = await world.run(first);
  while (ended.killed) ended = await world.run(await again());
  if (ended.stdout === '') throw new Error(ended.stderr);
  return ended.stdout;
}

/** What the model is asked in a run that is not disturbed; several branches ask some of it. */
const QUESTIONS = 26;

function expectKills({ kills, questions }: KilledWorld): void {
  expect(questions()).toBe(QUESTIONS);
  expect(kills()).toBeGreaterThan(2);
}

test('workflows of a config', { timeout: 180_000 }, async () => {
  await using world = await openWorld('anthropic', WORKFLOWS as unknown as JsonObject);
  const config = ['--config', world.configFile];
  const idOf = async (): Promise<string> => {
    const { stdout, stderr } = await world.run([PROGRAM, 'runs', 'list', '--json']);
    if (stdout === '') throw new Error(`the runs are not listed: ${stderr}`);
    const [run] = JSON.parse(stdout) as readonly JsonObject[];
    if (typeof run?.['id'] !== 'string') throw new Error(`there is no run: ${stdout}`);
    return run['id'];
  };
  const output = await untilItEnds(
    world,
    [PROGRAM, 'run', '--workflow', 'main', ...config, INPUT],
    async () => [PROGRAM, 'runs', 'resume', await idOf(), ...config],
  );
  expect(JSON.parse(output)).toMatchObject(OUTPUT);
  expectKills(world);
});

test('workflows of a program', { timeout: 180_000 }, async () => {
  await using world = await openWorld('openai', {});
  const program = ['--no-warnings', join(import.meta.dirname, '../../fixtures/every-pattern/program.ts')];
  const args = [...program, world.configFile, INPUT];
  const outcome = JSON.parse(await untilItEnds(world, args, async () => args)) as Readonly<
    Record<string, Json>
  >;
  expect(outcome).toMatchObject({ type: 'done', output: OUTPUT });
  expectKills(world);
});
