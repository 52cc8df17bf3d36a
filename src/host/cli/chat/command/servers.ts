import { duration, oneLine } from '../../terminal.ts';
import type { ChatCommand } from './command.ts';

export const servers: ChatCommand = {
  name: 'servers',
  description: 'the servers, their state, and why one is not ready',
  run(_argument, chat) {
    const all = chat.opened.host.registry.servers();
    if (all.length === 0) {
      chat.say('No servers are configured. "switchyard config init" writes a first mcp.config.json.');
      return;
    }
    chat.table(
      all.map(({ name, state, counts, connectMs, reason }) => [
        name,
        state,
        `${counts.tools} tools, ${counts.resources} resources, ${counts.prompts} prompts`,
        connectMs === undefined ? '' : duration(connectMs),
        oneLine(reason ?? '', 400),
      ]),
    );
  },
};
