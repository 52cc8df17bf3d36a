/** Takes over the servers of other clients: shows the change, asks, writes, and says what is left to do. */
import { dirname, resolve } from 'node:path';

import { type Client, CLIENTS } from '../../clients/client.ts';
import { type ConfigText, encode, readText, realFile } from '../../clients/config-text.ts';
import { parseConfig } from '../../clients/parse-config.ts';
import { type ImportPlan, planImport } from '../../clients/plan-import.ts';
import { type ReadEntries, readEntries } from '../../clients/read-entries.ts';
import { replaceFile } from '../../clients/replace-file.ts';
import { homeFolder } from '../../config/environment.ts';
import { launchesOf } from '../../config/launch.ts';
import { readScripts } from '../../config/script-files.ts';
import { trustConfig, unacceptedLaunches } from '../../config/trust.ts';
import { HostError, messageOf } from '../../errors.ts';
import { diffText } from '../approval/diff-text.ts';
import { createSecretDetector } from '../secret/detector.ts';
import { loadRules } from '../secret/rules.ts';
import { findWritten } from '../secret/written.ts';
import type { ImportFlags } from './client-commands.ts';
import { clientNamed, here } from './client-named.ts';
import { importFacts, linesAfter, linesBefore } from './import-report.ts';
import { Person } from './person.ts';
import { isInteractive, type Output, processOutput, revealed } from './terminal.ts';

export async function importServers(names: readonly string[], flags: ImportFlags): Promise<void> {
  const output = processOutput();
  const place = here();
  const clients = names.length === 0 ? CLIENTS : [...new Set(names.map(clientNamed))];
  const reads = await Promise.all(clients.map((client) => readEntries(client, place)));
  if (names.length > 0) requireFound(clients, reads);
  const target = await readTarget(resolve(flags.config ?? CONFIG_NAME));
  await loadRules();
  const detector = createSecretDetector({ known: [] });
  const plan = planImport({
    entries: reads.flatMap(({ entries }) => entries),
    text: target.before?.text,
    configFolder: dirname(target.file),
    place,
    findSecrets: (text, name) => findWritten(detector, text, name),
  });
  const told = { plan, reads, file: target.file };
  if (!flags.json) tell(output, linesBefore(told));
  const mask = (text: string): string => detector.mask(text);
  const isWritten = plan.added.length > 0 && (await carryOut(target, plan, flags, mask));
  if (flags.json) await output.data(`${JSON.stringify(importFacts(told, isWritten), null, 2)}\n`);
  else tell(output, linesAfter(told, isWritten));
}

const CONFIG_NAME = 'mcp.config.json';

interface Target {
  readonly file: string;
  readonly before: ConfigText | undefined;
}

/** Shows the change, asks, and writes it. False: it was not to be written. */
async function carryOut(
  target: Target,
  plan: ImportPlan,
  flags: ImportFlags,
  mask: (text: string) => string,
): Promise<boolean> {
  const output = processOutput();
  const diff = await diffText({
    name: target.file,
    before: target.before?.text,
    after: plan.text,
  });
  // What the file holds already may be secret: around a change its lines are shown.
  const shown = revealed(mask(diff)).trimEnd();
  if (flags.dryRun) {
    if (!flags.json) await output.data(`${shown}\n`);
    return false;
  }
  output.status(shown);
  if (flags.yes) {
    await write(target, plan);
    return true;
  }
  if (!isInteractive()) {
    throw new HostError(
      'usage',
      'Nobody is at a terminal to agree, and nothing was written. To write it: the same command with --yes.',
    );
  }
  const isOurs = flags.config === undefined && isAccepted(await realFile(target.file), target);
  const question = isOurs ? 'Write it, and accept what it starts and reaches?' : 'Write it?';
  if (!(await new Person().confirm(question))) throw new HostError('usage', 'Nothing was written.');
  await write(target, plan);
  if (isOurs) await trustConfig(target.file, homeFolder());
  return true;
}

/** Whether a person has accepted all of the file as it was: only then is a yes to the change one to all of it. */
function isAccepted(file: string, { before }: Target): boolean {
  if (before === undefined) return true;
  const parsed = parseConfig(OURS, before.text);
  return (
    parsed.type === 'parsed' &&
    unacceptedLaunches(file, launchesOf(parsed.value, readScripts(parsed.value, dirname(file))), homeFolder())
      .length === 0
  );
}

async function write({ file, before }: Target, plan: ImportPlan): Promise<void> {
  const bytes = encode(plan.text, before ?? { hasMark: false });
  try {
    await replaceFile({ path: file, bytes, expected: before?.bytes });
  } catch (error) {
    if (error instanceof HostError) throw error;
    throw new HostError(
      'config-unwritable',
      `${file} cannot be written: ${messageOf(error)}. Nothing was changed.`,
      {
        cause: error,
      },
    );
  }
}

const OURS = { format: 'json', serversKey: 'mcpServers' } as const;

async function readTarget(file: string): Promise<Target> {
  const read = await readText(file);
  if (read.type === 'missing') return { file, before: undefined };
  const reason = read.type === 'unreadable' ? read.reason : brokenReason(read.text);
  if (reason === undefined && read.type === 'read') return { file, before: read };
  throw new HostError('config-invalid', `${file} cannot be added to, and is left as it is: ${reason}.`);
}

function brokenReason(text: string): string | undefined {
  const parsed = parseConfig(OURS, text);
  return parsed.type === 'broken' ? parsed.reason : undefined;
}

/** A client that is named has a config, and one that can be read. */
function requireFound(clients: readonly Client[], reads: readonly ReadEntries[]): void {
  const lines = reads.flatMap(({ found, searched, faults }, index) => {
    const title = clients[index]?.title ?? '';
    if (found.length === 0) return [`${title} has no config here. Looked for ${searched.join(', ')}.`];
    if (faults.length < found.length) return [];
    return faults.map(({ file, reason }) => `${title}: ${file} cannot be read: ${reason}.`);
  });
  if (lines.length > 0) throw new HostError('client-config', revealed(lines.join('\n')));
}

function tell(output: Output, lines: readonly string[]): void {
  if (lines.length > 0) output.status(revealed(lines.join('\n')));
}
