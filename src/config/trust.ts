/** Which configs a person has accepted: `trust.json` in the home folder, mode 0600. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { HostError, messageOf } from '../errors.ts';
import { isJsonObject } from '../json.ts';
import { shellQuoted } from '../shell-quoted.ts';
import { readConfig } from './find-config.ts';
import { parseJsonDocument } from './json-document.ts';
import { type Launch, launchesOf } from './launch.ts';
import { configInvalid } from './problem.ts';
import { readScripts } from './script-files.ts';

export interface TrustQuestion {
  readonly file: string;
  /** What nobody has accepted yet. */
  readonly launches: readonly Launch[];
}

/** What of these nobody has accepted for this file; empty: it may be used. `file` has its symbolic links resolved. */
export function unacceptedLaunches(file: string, launches: readonly Launch[], homeFolder: string): Launch[] {
  const accepted = readTrust(homeFolder).get(file) ?? {};
  return launches.filter(({ id, hash }) => accepted[id] !== hash);
}

/**
 * What a config file would start and reach as it stands. Throws HostError `config-invalid` where it cannot be read, and
 * resolves symbolic links.
 */
function readLaunches(path: string): TrustQuestion {
  const found = readConfig(path, 'flag');
  if (found === undefined) {
    throw configInvalid(path, [{ line: 1, column: 1, path: [], message: 'there is no such file' }]);
  }
  const document = parseJsonDocument(found.text);
  if (document.faults.length > 0) {
    const problems = document.faults.map((fault) => ({ ...fault, path: [] }));
    throw configInvalid(found.file, problems);
  }
  return {
    file: found.file,
    launches: launchesOf(document.value, readScripts(document.value, found.folder)),
  };
}

/** `readLaunches` for showing. */
export function describeLaunches(path: string): readonly Launch[] {
  return readLaunches(path).launches;
}

/** Accepts what the file would start and reach as it stands, and returns that. Throws as `readLaunches` does. */
export async function trustConfig(path: string, homeFolder: string): Promise<TrustQuestion> {
  const question = readLaunches(path);
  await acceptLaunches(question, homeFolder);
  return question;
}

/** Records the launches as all that is accepted for this file. */
export async function acceptLaunches(question: TrustQuestion, homeFolder: string): Promise<void> {
  const files = readTrust(homeFolder);
  files.set(question.file, Object.fromEntries(question.launches.map(({ id, hash }) => [id, hash])));
  const { default: writeFileAtomic } = await import('write-file-atomic');
  const text = JSON.stringify({ version: 1, accepted: Object.fromEntries(files) }, null, 2);
  await writeFileAtomic(trustFile(homeFolder), `${text}\n`, { mode: 0o600 });
}

export function configUntrusted({ file, launches }: TrustQuestion): HostError {
  const command = `switchyard config trust ${shellQuoted(file)}`;
  const lines = launches.map(({ name, summary }) => `  ${name}: ${summary}`);
  const message = [
    `${file} was found in the working folder, and nobody has accepted what it would start and reach:`,
    ...lines,
    `Read the file. To accept it:  ${command}`,
    'To use another:  --config FILE',
  ].join('\n');
  const told = launches.map(({ id, name, summary }) => ({ id, name, summary }));
  return new HostError('config-untrusted', message, { data: { file, command, launches: told } });
}

type Accepted = Readonly<Record<string, unknown>>;

function readTrust(homeFolder: string): Map<string, Accepted> {
  const file = trustFile(homeFolder);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Map();
    throw unreadable(file, messageOf(error), error);
  }
  try {
    const value: unknown = JSON.parse(text);
    const accepted =
      isJsonObject(value) && isJsonObject(value.accepted) ? Object.entries(value.accepted) : [];
    return new Map(
      accepted.flatMap(([key, hashes]) => (isJsonObject(hashes) ? [[key, hashes] as const] : [])),
    );
  } catch (error) {
    throw unreadable(file, 'it is no JSON', error);
  }
}

function unreadable(file: string, reason: string, cause: unknown): HostError {
  const message = `The list of accepted configs, ${file}, cannot be read: ${reason}. Mend it, or delete it and accept your configs again.`;
  return new HostError('trust-unreadable', message, { cause, data: { file } });
}

export function trustFile(homeFolder: string): string {
  return join(homeFolder, 'trust.json');
}
