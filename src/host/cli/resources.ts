import { jsonText } from '../../json.ts';
import type { ListFlags } from './commands.ts';
import { showList } from './listing.ts';
import { oneLine } from './terminal.ts';

export function resources(flags: ListFlags): Promise<void> {
  return showList(
    flags,
    ({ host }) => {
      const catalog = host.registry.catalog();
      return [...catalog.resources, ...catalog.resourceTemplates];
    },
    (entry) => [
      'uri' in entry ? entry.uri : entry.uriTemplate,
      entry.server,
      oneLine(jsonText(entry.definition['title'] ?? entry.definition['name'] ?? ''), 60),
    ],
    'No server offers a resource.',
  );
}
