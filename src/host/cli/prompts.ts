import type { Json } from '../../json.ts';
import { isJsonObject, jsonText } from '../../json.ts';
import type { ListFlags } from './commands.ts';
import { showList } from './listing.ts';
import { oneLine } from './terminal.ts';

export function prompts(flags: ListFlags): Promise<void> {
  return showList(
    flags,
    ({ host }) => host.registry.catalog().prompts,
    ({ name, definition }) => [
      name,
      argumentsOf(definition['arguments']),
      oneLine(jsonText(definition['description'] ?? ''), 80),
    ],
    'No server offers a prompt.',
  );
}

/** `city, [country]`: those in brackets may be left out. */
function argumentsOf(value: Json | undefined): string {
  const list = Array.isArray(value) ? value.filter(isJsonObject) : [];
  return list
    .map(({ name, required }) => (required === true ? jsonText(name) : `[${jsonText(name)}]`))
    .join(', ');
}
