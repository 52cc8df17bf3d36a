/** A working folder, a home and a user's config folder that vanish with the test. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { Config } from '../../src/config/config.ts';
import { type LoadConfigOptions, loadConfig } from '../../src/config/load-config.ts';
import type { ServerDefinition } from '../../src/config/server-definition.ts';
import { HostError } from '../../src/errors.ts';

export interface ConfigFolder extends Disposable {
  readonly work: string;
  readonly home: string;
  readonly user: string;
  write(name: string, contents: string | Buffer): string;
  load(options?: Partial<LoadConfigOptions>): Promise<Config>;
  /** Writes the text to a file and loads that as `--config` would. */
  loadText(text: string | Buffer, env?: Record<string, string>): Promise<Config>;
  /** The same for an entry under the name `it`. */
  loadEntry(
    entry: unknown,
    env?: Record<string, string>,
  ): Promise<{ server: ServerDefinition; config: Config }>;
}

export function configFolder(): ConfigFolder {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'switchyard-config-')));
  const [work, home, user] = [join(root, 'work'), join(root, 'home'), join(root, 'user')];
  for (const folder of [work, home, user]) mkdirSync(folder);
  const write = (name: string, contents: string | Buffer): string => {
    const file = join(work, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contents);
    return file;
  };
  const load = (options: Partial<LoadConfigOptions> = {}) =>
    loadConfig({ workingFolder: work, homeFolder: home, userFolder: user, env: {}, ...options });
  const loadText = (text: string | Buffer, env: Record<string, string> = {}) =>
    load({ configFile: write('given.json', text), env });
  return {
    work,
    home,
    user,
    write,
    load,
    loadText,
    loadEntry: async (entry, env = {}) => {
      const config = await loadText(JSON.stringify({ mcpServers: { it: entry } }, null, 2), env);
      const [server] = config.servers;
      if (server === undefined) throw new Error('the config has no server');
      return { server, config };
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** The HostError that the work ends in. */
export async function failureOf(work: Promise<unknown>): Promise<HostError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof HostError) return error;
    throw error;
  }
  throw new Error('the work succeeded');
}

export function reasonOf(server: ServerDefinition): string {
  if (server.type !== 'invalid') throw new Error(`'${server.name}' is valid`);
  return server.reason;
}
