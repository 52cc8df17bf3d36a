import type { ListFlags } from './commands.ts';
import { showList } from './listing.ts';
import { oneLine } from './terminal.ts';

export function tools(
  query: string | undefined,
  flags: ListFlags & { readonly limit: number },
): Promise<void> {
  return showList(
    flags,
    ({ host }) => {
      if (query === undefined) return host.registry.catalog().tools;
      return host.registry
        .search(query, { limit: flags.limit })
        .map(({ entry, score }) => ({ ...entry, score }));
    },
    ({ name, definition, annotationsTrusted }) => [
      name,
      annotationsTrusted && definition.annotations?.readOnlyHint === true ? 'reads' : 'writes',
      oneLine(definition.description ?? definition.annotations?.title ?? '', 100),
    ],
    query === undefined
      ? 'No server offers a tool.'
      : `No tool fits "${query}". "switchyard tools" lists all.`,
  );
}
