import { oneLine } from '../../terminal.ts';
import type { ChatCommand } from './command.ts';

const MAX_FOUND = 10;

export const tools: ChatCommand = {
  name: 'tools',
  argument: '[query]',
  description: 'the tools of all servers, or the best ones for a query',
  async run(query, chat) {
    const { registry } = chat.opened.host;
    await registry.ready({ signal: chat.signal });
    const found =
      query === ''
        ? registry.catalog().tools
        : registry.search(query, { limit: MAX_FOUND }).map(({ entry }) => entry);
    if (found.length === 0) {
      chat.say(query === '' ? 'No server offers a tool.' : `No tool fits "${query}". /tools lists all.`);
      return;
    }
    chat.table(
      found.map(({ name, definition, annotationsTrusted }) => [
        name,
        annotationsTrusted && definition.annotations?.readOnlyHint === true ? 'reads' : 'writes',
        oneLine(definition.description ?? definition.annotations?.title ?? '', 100),
      ]),
    );
  },
};
