import { jsonText } from '../../json.ts';
import type { ListFlags } from './commands.ts';
import { showList } from './listing.ts';
import { duration, oneLine } from './terminal.ts';

export function servers(flags: ListFlags): Promise<void> {
  return showList(
    flags,
    ({ host }) => host.registry.servers(),
    ({ name, state, transport, era, counts, connectMs, fromSnapshot, serverInfo }) => [
      name,
      state,
      transport,
      era ?? '',
      `${counts.tools} tools, ${counts.resources} resources, ${counts.prompts} prompts`,
      connectMs === undefined ? (fromSnapshot ? 'known from before' : '') : duration(connectMs),
      oneLine(`${jsonText(serverInfo?.['name'])} ${jsonText(serverInfo?.['version'])}`, 40),
    ],
    'No servers are configured. "switchyard config init" writes a first mcp.config.json.',
  );
}
