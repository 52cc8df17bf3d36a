/** What a server says about itself is kept on disk and told to models; a careless one says secrets. */
import type { JsonObject } from '../json.ts';
import type { ServerEntries } from './listing.ts';

export type RedactValue = <Value extends JsonObject>(value: Value) => Value;

/** The entries without secrets; what an entry is asked for by (name, URI) stays as it is. */
export function redactEntries(entries: Partial<ServerEntries>, redact: RedactValue): Partial<ServerEntries> {
  const { tools, resources, resourceTemplates, prompts } = entries;
  return {
    ...(tools && { tools: tools.map((tool) => kept(tool, redact(tool), 'name')) }),
    ...(resources && { resources: resources.map((entry) => kept(entry, redact(entry), 'uri')) }),
    ...(resourceTemplates && {
      resourceTemplates: resourceTemplates.map((entry) => kept(entry, redact(entry), 'uriTemplate')),
    }),
    ...(prompts && { prompts: prompts.map((prompt) => kept(prompt, redact(prompt), 'name')) }),
  };
}

function kept<Entry extends JsonObject>(entry: Entry, clean: Entry, identity: keyof Entry): Entry {
  return clean === entry ? entry : { ...clean, [identity]: entry[identity] };
}
