import { copyFile, constants } from 'node:fs/promises';
import { resolve } from 'node:path';

import type { Config } from '../../config/config.ts';
import { homeFolder } from '../../config/environment.ts';
import { partNames } from '../../config/model-entry.ts';
import { shippedConfigFile } from '../../config/package-root.ts';
import { configJsonSchema } from '../../config/schema.ts';
import { configMarkdown } from '../../config/schema-shape.ts';
import { trustConfig } from '../../config/trust.ts';
import { HostError, messageOf } from '../../errors.ts';
import type { GlobalFlags } from './commands.ts';
import { EXIT } from './exit-code.ts';
import type { GlobFault } from './glob-faults.ts';
import { readConfig } from './config-and-log.ts';
import { Person } from './person.ts';
import { isInteractive, processOutput, table } from './terminal.ts';

/** Writes a first config into the working folder, never over another, and accepts it: it is our own. */
export async function init(): Promise<void> {
  const file = resolve('mcp.config.json');
  try {
    await copyFile(shippedConfigFile(), file, constants.COPYFILE_EXCL);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw new HostError('usage', `${file} is there already. Change it, or delete it first.`);
    }
    throw new HostError('usage', `${file} cannot be written: ${messageOf(error)}.`);
  }
  await trustConfig(file, homeFolder());
  processOutput().status(`Wrote ${file}. "switchyard servers" shows what it connects to.`);
}

/** Names the config that would be used and what is wrong in it; wrong is exit code 2, a wrong server entry 1. */
export async function check(flags: GlobalFlags & { readonly json?: boolean }): Promise<void> {
  const output = processOutput();
  const config = await readConfig(flags, process.cwd());
  const broken = config.servers.filter((server) => server.type === 'invalid');
  const scripts = await checkedScripts(config);
  const globs = await checkedGlobs(config, flags);
  if (flags.json) {
    const servers = config.servers.map((server) => ({
      name: server.name,
      type: server.type,
      disabled: server.disabled,
      ...(server.type === 'invalid' ? { reason: server.reason } : {}),
    }));
    const { file, origin, budget, approvals, naming, maxNameLength, notices } = config;
    const models = Object.fromEntries(
      Object.entries(config.models).map(([alias, list]) => [alias, partNames(list)]),
    );
    await output.data(
      `${JSON.stringify({ file, origin, servers, models, budget, approvals, naming, maxNameLength, scripts, notices: [...notices, ...globs] }, null, 2)}\n`,
    );
  } else {
    await output.data(`${config.file} (${ORIGINS[config.origin]})\n`);
    const rows = config.servers.map((server) => [
      server.name,
      server.type,
      server.type === 'invalid' ? server.reason : 'ok',
    ]);
    await output.data(`${table(rows, 0)}\n`);
    const told = scripts.map(({ path, problem }) => [path, 'script', problem ?? 'ok']);
    if (told.length > 0) await output.data(`${table(told, 0)}\n`);
    for (const notice of [...config.notices, ...globs])
      output.status(`${notice.file}:${notice.line}: ${notice.message}`);
  }
  if (broken.length > 0 || scripts.some(({ problem }) => problem !== undefined))
    process.exitCode = EXIT.failed;
}

/** As far as the catalog is known from earlier starts. */
async function checkedGlobs(config: Config, flags: GlobalFlags): Promise<readonly GlobFault[]> {
  const { toolGlobs } = await import('../../config/tool-globs.ts');
  if (toolGlobs(config.workflows).length === 0) return [];
  const [{ openHost }, { globFaults }] = await Promise.all([
    import('./open-host.ts'),
    import('./glob-faults.ts'),
  ]);
  // They are told here, and not by the log as well.
  await using opened = await openHost({ ...flags, logLevel: 'error', quietGlobs: true });
  return globFaults(opened.host);
}

interface CheckedScript {
  readonly path: string;
  readonly file: string;
  readonly problem?: string;
}

/** Each is imported once, in a thread of its own. */
export async function checkedScripts({ scripts = {} }: Config): Promise<readonly CheckedScript[]> {
  const entries = Object.entries(scripts);
  if (entries.length === 0) return [];
  const { scriptFault } = await import('../workflow/script/script.ts');
  return Promise.all(
    entries.map(async ([path, script]) => {
      const problem = await scriptFault(script);
      return { path, file: script.file, ...(problem === undefined ? {} : { problem }) };
    }),
  );
}

const ORIGINS = {
  flag: 'named by --config',
  'working-folder': 'found in the working folder and accepted',
  user: "the person's own",
  default: 'the one that comes with the program',
} as const;

export async function schema(flags: { readonly markdown?: boolean }): Promise<void> {
  await processOutput().data(
    flags.markdown ? `${configMarkdown()}\n` : `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
  );
}

/** Accepts what a config starts, after showing it. */
export async function trust(file: string, flags: { readonly yes?: boolean }): Promise<void> {
  const output = processOutput();
  if (!flags.yes && isInteractive()) {
    const { describeLaunches } = await import('../../config/trust.ts');
    const lines = describeLaunches(file).map(({ name, summary }) => `  ${name}: ${summary}`);
    const accepted = await new Person().confirm(
      `${resolve(file)} starts or reaches:\n${lines.join('\n')}\nAccept it?`,
    );
    if (!accepted) throw new HostError('usage', 'Not accepted.');
  }
  const { launches, file: accepted } = await trustConfig(file, homeFolder());
  output.status(
    `Accepted ${accepted}: ${launches.map(({ name }) => name).join(', ') || 'it starts nothing'}.`,
  );
}
