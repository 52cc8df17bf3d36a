/** Puts our entry into a client's config, with a copy of the file beside it. */
import { access, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import { copyBeside, hashOf, makeFolderOf, removeFolders } from './backup.ts';
import type { Client, Place } from './client.ts';
import { type ConfigText, encode, isMissing, type ReadText, readText } from './config-text.ts';
import { type InstallRecord, InstallRecords } from './install-record.ts';
import { type OwnLaunch, ownEntry } from './own-entry.ts';
import { holdsOwnEntry, withOwnEntry } from './own-text.ts';
import { leftAlone, type PlannedChange, unwritable } from './planned-change.ts';
import { replaceFile } from './replace-file.ts';

export interface InstallOptions {
  readonly client: Client;
  readonly place: Place;
  readonly launch: OwnLaunch;
  /** Where it is remembered what was done. */
  readonly homeFolder: string;
}

/** Rejects with HostError `client-config` where the file cannot be read or added to; it is left alone. */
export async function planInstall({
  client,
  place,
  launch,
  homeFolder,
}: InstallOptions): Promise<PlannedChange> {
  const file = await installFile(client, place);
  const current = textOf(client, file, await readText(file));
  const records = new InstallRecords(homeFolder);
  const record = await records.get(file);
  const origin = await originOf(client, current, record);
  const base = origin.type === 'ours' ? origin.base : current;
  const changed = withOwnEntry(client, base?.text ?? '', ownEntry(client, launch));
  if (changed.type === 'refused') throw leftAlone(client, file, changed.reason);
  const apply = async () => {
    if (changed.text === current?.text) return kept(record?.backup);
    const bytes = encode(changed.text, base ?? { hasMark: false });
    const made = { folders: [] as string[], backup: undefined as string | undefined };
    try {
      made.folders = await makeFolderOf(file);
      const isCopied = origin.type === 'ours' || (origin.type === 'unknown' && record?.backup !== undefined);
      if (!isCopied && current !== undefined) made.backup = await copyBeside(file, current.bytes);
      await replaceFile({ path: file, bytes, expected: current?.bytes });
    } catch (error) {
      if (made.backup !== undefined) await rm(made.backup, { force: true });
      await removeFolders(made.folders);
      throw unwritable(file, error);
    }
    const backup = made.backup ?? (origin.type === 'without' ? undefined : record?.backup);
    await records.set(file, {
      ...kept(backup),
      // Of a file that held our entry before, the copy is no file without it.
      ...(origin.type === 'unknown' ? {} : { written: hashOf(bytes) }),
      folders: origin.type === 'without' ? made.folders : (record?.folders ?? []),
    });
    return kept(backup);
  };
  return { file, before: current?.text, after: changed.text, apply };
}

/** Where the file comes from: it is as we wrote it over `base`; it has no entry of ours; or it has, and changed since. */
type Origin =
  | { readonly type: 'ours'; readonly base: ConfigText | undefined }
  | { readonly type: 'without' }
  | { readonly type: 'unknown' };

async function originOf(
  client: Client,
  current: ConfigText | undefined,
  record: InstallRecord | undefined,
): Promise<Origin> {
  if (current === undefined || !holdsOwnEntry(client, current.text)) return { type: 'without' };
  if (record?.written !== hashOf(current.bytes)) return { type: 'unknown' };
  if (record.backup === undefined) return { type: 'ours', base: undefined };
  const backup = await readText(record.backup);
  return backup.type === 'read' ? { type: 'ours', base: backup } : { type: 'unknown' };
}

/** The first of the client's files that is there, else the first whose folder is, else the first. */
async function installFile(client: Client, place: Place): Promise<string> {
  const files = client.userFiles(place);
  const isThere = await Promise.all(files.map(exists));
  const hasFolder = await Promise.all(files.map((file) => exists(dirname(file))));
  const index = [isThere.indexOf(true), hasFolder.indexOf(true), 0].find((one) => one >= 0) ?? 0;
  return files[index] ?? '';
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    // What may not be looked at is there; reading it says what is wrong.
    return !isMissing(error);
  }
}

function textOf(client: Client, file: string, read: ReadText): ConfigText | undefined {
  if (read.type === 'unreadable') throw leftAlone(client, file, read.reason);
  return read.type === 'read' ? read : undefined;
}

function kept(backup: string | undefined): { readonly backup?: string } {
  return backup === undefined ? {} : { backup };
}
