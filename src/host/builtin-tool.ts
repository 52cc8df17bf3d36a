import type { Config } from '../config/config.ts';
import type { BuiltinName } from '../config/server-definition.ts';
import type { Registry } from '../registry/contract.ts';

/** The exposed name of a tool of one of our own servers, whatever the config calls the server. */
export function builtinTool(
  config: Pick<Config, 'servers'>,
  registry: Pick<Registry, 'catalog'>,
  builtin: BuiltinName,
  tool: string,
): string | undefined {
  const names = config.servers.flatMap((server) =>
    server.type === 'stdio' && server.builtin === builtin && !server.disabled ? [server.name] : [],
  );
  return registry
    .catalog()
    .tools.find(({ server, definition }) => names.includes(server) && definition.name === tool)?.name;
}
