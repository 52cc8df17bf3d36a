/** A client's entry in our words, secrets still in it. */
import { posix, win32 } from 'node:path';

import { translateEntry } from '../config/foreign-keys.ts';
import { problemText } from '../config/problem.ts';
import { commandEntrySchema, urlEntrySchema } from '../config/server-schema.ts';
import { isJsonObject } from '../json.ts';
import type { Place } from './client.ts';
import type { ClientEntry } from './client-entry.ts';
import { codexEntry } from './codex-entry.ts';
import { type ReferenceOptions, translateReferences, type WantedVariable } from './references.ts';

export type OwnEntry =
  | {
      readonly type: 'translated';
      readonly entry: Readonly<Record<string, unknown>>;
      /** Keys that mean something to the client and nothing here. */
      readonly ignored: readonly string[];
      readonly remarks: readonly string[];
      readonly wanted: readonly WantedVariable[];
    }
  | { readonly type: 'impossible'; readonly reason: string };

export interface ToOwnOptions {
  readonly place: Place;
  /** The folder of our config: what paths in it count from. */
  readonly configFolder: string;
}

export function toOwnEntry({ client, written, scope, inputs }: ClientEntry, options: ToOwnOptions): OwnEntry {
  const { place, configFolder } = options;
  const isElsewhere = scope === 'project' && place.workingFolder !== configFolder;
  const shared = withTimeoutMs(
    client.id === 'codex' ? codexEntry(written) : { ...written },
    client.timeoutUnit,
  );
  const referred = referredEntry(shared, {
    client,
    platform: place.platform,
    workspaceFolder: isElsewhere ? place.workingFolder : undefined,
    workingFolder: place.workingFolder,
    inputs,
    ownVariables: new Set(Object.keys(isJsonObject(shared['env']) ? shared['env'] : {})),
  });
  const { entry, envFile, ignored, remarks, problems } = translateEntry(referred.entry);
  const shape = entry['command'] === undefined ? urlEntrySchema : commandEntrySchema;
  if (entry['command'] === undefined && entry['url'] === undefined)
    return { type: 'impossible', reason: `${client.title} alone knows how to start it` };
  const faulty = problems.filter(({ atKey }) => atKey !== true);
  const parsed = shape.safeParse(entry);
  if (!parsed.success || faulty.length > 0) {
    const reasons = [
      ...faulty.map(problemText),
      ...(parsed.error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    ];
    return { type: 'impossible', reason: reasons.join('; ') };
  }
  return {
    type: 'translated',
    entry: tidy({ ...entry, ...(envFile === undefined ? {} : { envFile }) }, isElsewhere ? place : undefined),
    // A key that is nearly one of ours is one that we do not know, too.
    ignored: [...ignored, ...problems.flatMap(({ path, atKey }) => (atKey === true ? path.map(String) : []))],
    remarks,
    wanted: referred.wanted,
  };
}

/** Gemini CLI counts in milliseconds, Cline in seconds. */
function withTimeoutMs(
  entry: Record<string, unknown>,
  unit: 'seconds' | 'milliseconds' | undefined,
): Record<string, unknown> {
  const { timeout, ...rest } = entry;
  if (unit === undefined || typeof timeout !== 'number' || rest['timeoutMs'] !== undefined) return entry;
  return { ...rest, timeoutMs: Math.max(1, Math.ceil(unit === 'seconds' ? timeout * 1000 : timeout)) };
}

function referredEntry(
  entry: Record<string, unknown>,
  options: ReferenceOptions,
): { readonly entry: Record<string, unknown>; readonly wanted: readonly WantedVariable[] } {
  const wanted: WantedVariable[] = [];
  const translated = Object.entries(entry).map(([key, value]): [string, unknown] => {
    const referred = translateReferences(value, options, key === 'args' || key === 'command');
    wanted.push(...referred.wanted);
    return [key, referred.value];
  });
  return { entry: Object.fromEntries(translated), wanted };
}

const ORDER = 'command args type url headers env envFile cwd disabled timeoutMs tools'.split(' ');

/** In the usual order, without what says nothing. `place`: our config is not in the folder that paths count from. */
function tidy(entry: Readonly<Record<string, unknown>>, place: Place | undefined): Record<string, unknown> {
  const whole: Record<string, unknown> = { ...entry };
  if (place !== undefined) {
    const path = place.platform === 'win32' ? win32 : posix;
    const fromProject = (value: unknown): unknown =>
      typeof value === 'string' && !/^[$~]/.test(value) ? path.resolve(place.workingFolder, value) : value;
    if (whole['command'] !== undefined) whole['cwd'] = fromProject(whole['cwd'] ?? '.');
    if (whole['envFile'] !== undefined) whole['envFile'] = fromProject(whole['envFile']);
  }
  return Object.fromEntries(
    ORDER.flatMap((key) => (saysSomething(key, whole[key]) ? [[key, whole[key]]] : [])),
  );
}

function saysSomething(key: string, value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false;
  if (key === 'type') return value === 'sse';
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
