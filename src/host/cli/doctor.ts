/** Looks at everything that a run needs and says what is wrong and how to mend it. */
import { existsSync } from 'node:fs';
import { access, constants, statfs } from 'node:fs/promises';
import { join } from 'node:path';

import { embedderFolder, environment, homeFolder } from '../../config/environment.ts';
import { packageVersion } from '../../config/package-version.ts';
import { messageOf } from '../../errors.ts';
import { LOCAL_MODELS } from '../../local-model/catalog.ts';
import { isPulled, isRuntimeInstalled, modelFile, partialBytes } from '../../local-model/folder.ts';
import { withAdvice } from './advice.ts';
import type { GlobalFlags } from './commands.ts';
import { checkedScripts } from './config.ts';
import { EXIT } from './exit-code.ts';
import { globFaults } from './glob-faults.ts';
import { connect } from './listing.ts';
import { type OpenedHost, openHost } from './open-host.ts';
import { duration, oneLine, styled } from './terminal.ts';

type Finding = {
  readonly what: string;
  readonly state: 'ok' | 'note' | 'wrong';
  readonly detail: string;
};

const LEAST_FREE_BYTES = 500_000_000;

export async function doctor(flags: GlobalFlags & { readonly json?: boolean }): Promise<void> {
  await using opened = await openHost({ ...flags, quietGlobs: true });
  const { output } = opened;
  const findings: Finding[] = [];
  const tell = async (found: readonly Finding[]): Promise<void> => {
    findings.push(...found);
    if (flags.json) return;
    for (const { what, state, detail } of found) {
      const mark = { ok: styled('green', '✓'), note: styled('yellow', '·'), wrong: styled('red', '✗') }[
        state
      ];
      await output.data(`${mark} ${what}: ${detail}\n`);
    }
  };
  await tell([
    {
      what: 'program',
      state: 'ok',
      detail: `switchyard ${packageVersion()}, Node ${process.versions.node}, ${process.platform}-${process.arch}`,
    },
    await stateFolder(),
    { what: 'config', state: 'ok', detail: opened.config.file },
    embedder(),
    await models(opened),
    ...localModels(),
    ...(await scripts(opened)),
  ]);
  await connect(opened, true);
  await tell([...servers(opened), ...globs(opened)]);
  if (flags.json) await output.data(`${JSON.stringify(findings, null, 2)}\n`);
  if (findings.some(({ state }) => state === 'wrong')) process.exitCode = EXIT.failed;
}

async function stateFolder(): Promise<Finding> {
  const folder = homeFolder();
  try {
    await access(folder, constants.W_OK);
    const { bavail, bsize } = await statfs(folder);
    const freeBytes = bavail * bsize;
    const free = `${(freeBytes / 1e9).toFixed(1)} GB free`;
    if (freeBytes < LEAST_FREE_BYTES)
      return {
        what: 'state folder',
        state: 'wrong',
        detail: `${folder}, only ${free}. Make room, or set SWITCHYARD_HOME to another disk.`,
      };
    return { what: 'state folder', state: 'ok', detail: `${folder}, ${free}` };
  } catch (error) {
    return {
      what: 'state folder',
      state: 'wrong',
      detail: `${folder} cannot be written: ${messageOf(error)}. Set SWITCHYARD_HOME to a folder that can.`,
    };
  }
}

function embedder(): Finding {
  const folder = embedderFolder(homeFolder(), environment());
  if (existsSync(join(folder, 'onnx', 'model_quantized.onnx')))
    return { what: 'embedder', state: 'ok', detail: folder };
  return {
    what: 'embedder',
    state: 'note',
    detail: `not there yet (${folder}); the retrieval server fetches it when it first starts, and searches by words until then`,
  };
}

async function models({ host }: OpenedHost): Promise<Finding> {
  const set = await host.models();
  return { what: 'model', state: set.get('default') ? 'ok' : 'note', detail: set.choice };
}

/** Only what somebody began to pull: nobody needs a local model. */
function localModels(): Finding[] {
  const home = homeFolder();
  return LOCAL_MODELS.flatMap((model): Finding[] => {
    const what = `local model ${model.id}`;
    const again = `"switchyard models pull ${model.name}"`;
    if (isPulled(home, model)) {
      return isRuntimeInstalled(home)
        ? [{ what, state: 'ok', detail: modelFile(home, model) }]
        : [
            {
              what,
              state: 'wrong',
              detail: `node-llama-cpp, which runs it, is not installed; ${again} does`,
            },
          ];
    }
    const kept = partialBytes(home, model);
    if (kept === 0) return [];
    const share = Math.floor((kept / model.sizeBytes) * 100);
    return [{ what, state: 'note', detail: `${share}% is here; ${again} goes on, "models remove" frees it` }];
  });
}

/** By the catalog of the servers that are up. */
function globs({ host }: OpenedHost): readonly Finding[] {
  return globFaults(host).map(({ file, line, message }) => ({
    what: 'workflows',
    state: 'note',
    detail: `${file}${line === undefined ? '' : `:${line}`}: ${message}`,
  }));
}

async function scripts({ config }: OpenedHost): Promise<readonly Finding[]> {
  return (await checkedScripts(config)).map(({ path, file, problem }) => ({
    what: `script ${path}`,
    state: problem === undefined ? 'ok' : 'wrong',
    detail: problem === undefined ? file : `${problem} (${file})`,
  }));
}

function servers({ host }: OpenedHost): Finding[] {
  return host.registry.servers().map(({ name, state, reason, counts, connectMs, era, notices }) => {
    const what = `server ${name}`;
    if (state === 'disabled') return { what, state: 'note' as const, detail: 'disabled in the config' };
    if (state !== 'ready')
      return {
        what,
        state: 'wrong' as const,
        detail: `${state}: ${withAdvice(oneLine(reason ?? 'no reason given', 600))}`,
      };
    const offered = `${counts.tools} tools, ${counts.resources} resources, ${counts.prompts} prompts`;
    const time = connectMs === undefined ? '' : `, connected in ${duration(connectMs)}`;
    const detail = `${offered}${time}, ${era ?? 'unknown'} protocol era${notices.map((notice) => `; ${oneLine(notice, 200)}`).join('')}`;
    return { what, state: notices.length > 0 ? ('note' as const) : ('ok' as const), detail };
  });
}
