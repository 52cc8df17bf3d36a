/** Takes our entry out of a client's config: the file becomes what it was, or where it changed since, loses the entry alone. */
import { rm } from 'node:fs/promises';

import { hashOf, removeFolders } from './backup.ts';
import type { Client, Place } from './client.ts';
import { type ConfigText, encode, readText } from './config-text.ts';
import { type InstallRecord, InstallRecords } from './install-record.ts';
import { OWN_NAME } from './own-entry.ts';
import { hasServers, holdsOwnEntry, isEmptyConfig, withoutOwnEntry } from './own-text.ts';
import { parseConfig } from './parse-config.ts';
import { leftAlone, type PlannedChange, unwritable } from './planned-change.ts';
import { replaceFile } from './replace-file.ts';

export interface UninstallOptions {
  readonly client: Client;
  readonly place: Place;
  readonly homeFolder: string;
}

export interface PlannedUninstall {
  readonly changes: readonly PlannedChange[];
  readonly searched: readonly string[];
}

/** Rejects with HostError `client-config` where a file of the client cannot be read; nothing has changed then. */
export async function planUninstall({
  client,
  place,
  homeFolder,
}: UninstallOptions): Promise<PlannedUninstall> {
  const records = new InstallRecords(homeFolder);
  const searched = client.userFiles(place);
  const changes: PlannedChange[] = [];
  for (const file of searched) {
    const read = await readText(file);
    if (read.type === 'missing') continue;
    if (read.type === 'unreadable') throw leftAlone(client, file, read.reason);
    const planned = await planFile({ client, file, current: read, records });
    if (planned !== undefined) changes.push(planned);
  }
  return { changes, searched };
}

interface FileOptions {
  readonly client: Client;
  readonly file: string;
  readonly current: ConfigText;
  readonly records: InstallRecords;
}

async function planFile({ client, file, current, records }: FileOptions): Promise<PlannedChange | undefined> {
  const record = await records.get(file);
  const parsed = parseConfig(client, current.text);
  if (parsed.type === 'broken' && (record !== undefined || current.text.includes(OWN_NAME)))
    throw leftAlone(client, file, parsed.reason);
  if (!holdsOwnEntry(client, current.text)) return undefined;
  const backup = record?.backup === undefined ? undefined : await readText(record.backup);
  const copy = backup?.type === 'read' ? backup : undefined;
  const isAsWritten = record?.written === hashOf(current.bytes);
  const isMade = record !== undefined && record.backup === undefined;
  if (isAsWritten && isMade) return removal({ file, current, records, record });
  if (isAsWritten && copy !== undefined) {
    return change({ file, current, records, bytes: copy.bytes, text: copy.text, spent: record?.backup });
  }
  const changed = withoutOwnEntry(
    client,
    current.text,
    isMade ? false : copy === undefined || hasServers(client, copy.text),
  );
  if (changed.type === 'refused') throw leftAlone(client, file, changed.reason);
  if (isMade && isEmptyConfig(client, changed.text)) return removal({ file, current, records, record });
  const bytes = encode(changed.text, current);
  return change({ file, current, records, bytes, text: changed.text, left: record?.backup });
}

interface Change {
  readonly file: string;
  readonly current: ConfigText;
  readonly records: InstallRecords;
  readonly bytes: Buffer;
  readonly text: string;
  /** A copy that nobody needs any more. */
  readonly spent?: string | undefined;
  /** A copy that stays, because the file is not what it was. */
  readonly left?: string | undefined;
}

function change({ file, current, records, bytes, text, spent, left }: Change): PlannedChange {
  return {
    file,
    before: current.text,
    after: text,
    async apply() {
      try {
        await replaceFile({ path: file, bytes, expected: current.bytes });
      } catch (error) {
        throw unwritable(file, error);
      }
      if (spent !== undefined) await rm(spent, { force: true });
      await records.set(file, undefined);
      return left === undefined ? {} : { backup: left };
    },
  };
}

interface Removal {
  readonly file: string;
  readonly current: ConfigText;
  readonly records: InstallRecords;
  readonly record: InstallRecord;
}

/** The file was made by `install`, and its folder perhaps. */
function removal({ file, current, records, record }: Removal): PlannedChange {
  return {
    file,
    before: current.text,
    after: undefined,
    async apply() {
      try {
        await rm(file);
        await removeFolders(record.folders);
      } catch (error) {
        throw unwritable(file, error);
      }
      await records.set(file, undefined);
      return {};
    },
  };
}
