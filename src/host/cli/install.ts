/** Puts this program into another client's config as one MCP server, and takes it out again. */
import type { OwnLaunch } from '../../clients/own-entry.ts';
import type { PlannedChange } from '../../clients/planned-change.ts';
import { environment, homeFolder } from '../../config/environment.ts';
import { nodeFile, programFile } from '../../config/package-root.ts';
import { HostError } from '../../errors.ts';
import { diffText } from '../approval/diff-text.ts';
import { createSecretDetector } from '../secret/detector.ts';
import { loadRules } from '../secret/rules.ts';
import type { InstallFlags } from './client-commands.ts';
import { clientNamed, here } from './client-named.ts';
import { readConfig } from './config-and-log.ts';
import { Person } from './person.ts';
import { isInteractive, processOutput, revealed } from './terminal.ts';

export async function install(name: string, flags: InstallFlags): Promise<void> {
  const client = clientNamed(name);
  const { planInstall } = await import('../../clients/install.ts');
  const launch = await ownLaunch(flags);
  const plan = await planInstall({ client, place: here(), launch, homeFolder: homeFolder() });
  const isSame = plan.after === plan.before;
  const { backup } = await carryOut(plan, flags);
  if (flags.json) return tellJson([plan], flags, backup);
  const output = processOutput();
  if (isSame) output.status(`${client.title} has it already: ${plan.file} stays as it is.`);
  else if (!flags.dryRun) {
    output.status(
      `${client.title} starts switchyard with ${launch.configFile}: ${plan.file}.\n` +
        `${backup === undefined ? '' : `As it was: ${backup}. `}${client.reload}`,
    );
  }
}

export async function uninstall(name: string, flags: InstallFlags): Promise<void> {
  const client = clientNamed(name);
  const { planUninstall } = await import('../../clients/uninstall.ts');
  const { changes, searched } = await planUninstall({ client, place: here(), homeFolder: homeFolder() });
  const output = processOutput();
  for (const plan of changes) {
    const { backup } = await carryOut(plan, flags);
    if (flags.json || flags.dryRun) continue;
    const what = plan.after === undefined ? `${plan.file} is gone` : `${plan.file} is without it`;
    const copy = backup === undefined ? '' : ` A copy of it from before it was installed: ${backup}.`;
    output.status(`${what}.${copy} ${client.reload}`);
  }
  if (flags.json) return tellJson(changes, flags);
  if (changes.length === 0)
    output.status(`${client.title} does not have it. Looked into ${searched.join(', ')}.`);
}

/** What the entry names: absolute paths, so that it works from any folder. */
async function ownLaunch(flags: InstallFlags): Promise<OwnLaunch> {
  const config = await readConfig(flags, process.cwd(), isInteractive() ? new Person() : undefined);
  if (config.origin === 'default') {
    throw new HostError(
      'usage',
      'There is no config to serve here. "switchyard import" makes one of the servers that other clients have, "switchyard config init" one with ours; or name one with --config.',
    );
  }
  const home = environment()['SWITCHYARD_HOME'];
  return {
    node: nodeFile(),
    program: programFile(),
    configFile: config.source?.path ?? config.file,
    ...(home === undefined || home === '' ? {} : { homeFolder: homeFolder() }),
  };
}

async function carryOut(plan: PlannedChange, flags: InstallFlags): Promise<{ readonly backup?: string }> {
  if (!flags.dryRun) return plan.apply();
  if (!flags.json && plan.after !== plan.before) await processOutput().data(await shownDiff(plan));
  return {};
}

/** A client's config may hold secrets in the lines around the change. */
async function shownDiff({ file, before, after }: PlannedChange): Promise<string> {
  await loadRules();
  const diff = await diffText({ name: file, before, after: after ?? '' });
  const gone = after === undefined ? `${file} goes away.\n` : '';
  return `${revealed(createSecretDetector({ known: [] }).mask(diff)).trimEnd()}\n${gone}`;
}

async function tellJson(
  plans: readonly PlannedChange[],
  flags: InstallFlags,
  backup?: string,
): Promise<void> {
  const facts = plans.map(({ file, before, after }) => ({
    file,
    changed: before !== after,
    written: before !== after && !flags.dryRun,
    ...(backup === undefined ? {} : { backup }),
  }));
  await processOutput().data(`${JSON.stringify(facts, null, 2)}\n`);
}
