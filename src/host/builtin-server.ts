import type { Config } from '../config/config.ts';
import type { BuiltinName } from '../config/server-definition.ts';
import type { Registry } from '../registry/contract.ts';

/** Which of our own servers goes by this name in the config; undefined for any other. */
export function builtinOf({ servers }: Pick<Config, 'servers'>, name: string): BuiltinName | undefined {
  const definition = servers.find((server) => server.name === name);
  return definition?.type === 'stdio' ? definition.builtin : undefined;
}

/** What the config calls the servers that are this one of ours and are not disabled. */
export function builtinServers(config: Pick<Config, 'servers'>, builtin: BuiltinName): readonly string[] {
  return config.servers
    .filter(({ name, disabled }) => !disabled && builtinOf(config, name) === builtin)
    .map(({ name }) => name);
}

/** The exposed name of a tool of one of our own servers, whatever the config calls the server. */
export function builtinTool(
  config: Pick<Config, 'servers'>,
  registry: Pick<Registry, 'catalog'>,
  builtin: BuiltinName,
  tool: string,
): string | undefined {
  const names = builtinServers(config, builtin);
  return registry
    .catalog()
    .tools.find(({ server, definition }) => names.includes(server) && definition.name === tool)?.name;
}
