/** All servers' entries as one catalog: stably ordered, named, and readable back to the server's own names. */
import { createHash } from 'node:crypto';

import picomatch from 'picomatch';

import type { ServerDefinition } from '../config/server-definition.ts';
import type { JsonObject } from '../json.ts';
import type { Catalog, PromptEntry, ResourceEntry, ResourceTemplateEntry, ToolEntry } from './contract.ts';
import { entryNames, type OwnName, serverPrefixes } from './entry-name.ts';
import type { ServerEntries } from './listing.ts';
import { matchTemplate, type OwnUri, prefixedUri, shownUris, splitPrefixedUri } from './resource-uri.ts';

export interface CatalogSource {
  readonly definition: ServerDefinition;
  readonly entries: ServerEntries;
}

/** One state of the catalog with the tables that lead from shown names back to servers. */
export class CatalogIndex {
  readonly catalog: Catalog;
  readonly #prefixes: ReadonlyMap<string, string>;
  readonly #tools: ReadonlyMap<string, ToolEntry>;
  readonly #prompts: ReadonlyMap<string, OwnName>;
  readonly #resources: ReadonlyMap<string, OwnUri>;
  readonly #templates: ReadonlyMap<string, OwnUri>;

  constructor(sources: readonly CatalogSource[], maxNameLength: number) {
    const ordered = [...sources].sort((left, right) =>
      byCodeUnit(left.definition.name, right.definition.name),
    );
    this.#prefixes = serverPrefixes(ordered.map((source) => source.definition.name));
    const tools = toolEntries(ordered, this.#prefixes, maxNameLength);
    const own = ownPrompts(ordered);
    const promptNames = entryNames(own, this.#prefixes, maxNameLength);
    const prompts = own.map(
      (entry, index): PromptEntry => ({ ...entry, name: promptNames[index] ?? entry.name }),
    );
    const resources = uriEntries(
      ordered.flatMap(({ definition: { name: server }, entries }) =>
        entries.resources.map((definition) => ({ server, uri: definition.uri, definition })),
      ),
      this.#prefixes,
    );
    const templates = uriEntries(
      ordered.flatMap(({ definition: { name: server }, entries }) =>
        entries.resourceTemplates.map((definition) => ({ server, uri: definition.uriTemplate, definition })),
      ),
      this.#prefixes,
    );
    this.#tools = new Map(tools.map((entry) => [entry.name, entry]));
    this.#prompts = new Map(own.map((entry, index) => [promptNames[index] ?? entry.name, entry]));
    this.#resources = ownUris(resources);
    this.#templates = ownUris(templates);
    const lists = {
      tools,
      resources: resources.map(
        ({ shown, server, definition }): ResourceEntry => ({ uri: shown, server, definition }),
      ),
      resourceTemplates: templates.map(
        ({ shown, server, definition }): ResourceTemplateEntry => ({
          uriTemplate: shown,
          server,
          definition,
        }),
      ),
      prompts,
    };
    this.catalog = {
      revision: createHash('sha256').update(JSON.stringify(lists)).digest('hex').slice(0, 32),
      ...lists,
    };
  }

  tool(name: string): ToolEntry | undefined {
    return this.#tools.get(name);
  }

  /** The server of a prompt and the server's own name for it. */
  prompt(name: string): OwnName | undefined {
    return this.#prompts.get(name);
  }

  template(uriTemplate: string): OwnUri | undefined {
    return this.#templates.get(uriTemplate);
  }

  /** The URI that names the server itself, whoever else has the same one. */
  prefixed({ server, uri }: OwnUri): string {
    return prefixedUri(this.#prefixes.get(server) ?? server, uri);
  }

  /** The server that is asked for a URI, and the URI it knows: listed, named outright, or made from the closest template. */
  ownerOf(uri: string): OwnUri | undefined {
    const listed = this.#resources.get(uri) ?? splitPrefixedUri(uri, this.#prefixes);
    if (listed !== undefined) return listed;
    let closest: { owner: OwnUri; literalLength: number } | undefined;
    for (const owner of this.#templates.values()) {
      const literalLength = matchTemplate(owner.uri, uri);
      if (literalLength !== undefined && literalLength > (closest?.literalLength ?? -1)) {
        closest = { owner: { server: owner.server, uri }, literalLength };
      }
    }
    return closest?.owner;
  }
}

function byCodeUnit(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function toolEntries(
  sources: readonly CatalogSource[],
  prefixes: ReadonlyMap<string, string>,
  maxNameLength: number,
): readonly ToolEntry[] {
  const own = sources.flatMap(({ definition: { name: server, tools, trust }, entries }) => {
    const allowed = toolFilter(tools.allow, tools.deny);
    return entries.tools
      .filter((definition) => allowed(definition.name))
      .sort((left, right) => byCodeUnit(left.name, right.name))
      .map((definition) => ({
        server,
        name: definition.name,
        definition,
        annotationsTrusted: trust === 'annotations',
      }));
  });
  const names = entryNames(own, prefixes, maxNameLength);
  return own.map((entry, index) => ({ ...entry, name: names[index] ?? entry.name }));
}

function ownPrompts(
  sources: readonly CatalogSource[],
): readonly (OwnName & { readonly definition: JsonObject })[] {
  return sources.flatMap(({ definition: { name: server }, entries }) =>
    entries.prompts
      .map((definition) => ({ server, name: definition.name, definition }))
      .sort((left, right) => byCodeUnit(left.name, right.name)),
  );
}

interface UriEntry extends OwnUri {
  readonly shown: string;
  readonly definition: JsonObject;
}

function uriEntries(
  own: readonly Omit<UriEntry, 'shown'>[],
  prefixes: ReadonlyMap<string, string>,
): readonly UriEntry[] {
  const ordered = [...own].sort(
    (left, right) => byCodeUnit(left.server, right.server) || byCodeUnit(left.uri, right.uri),
  );
  const shown = shownUris(ordered, prefixes);
  return ordered.map((entry, index) => ({ ...entry, shown: shown[index] ?? entry.uri }));
}

function ownUris(entries: readonly UriEntry[]): ReadonlyMap<string, OwnUri> {
  return new Map(entries.map(({ shown, server, uri }) => [shown, { server, uri }]));
}

function toolFilter(
  allow: readonly string[] | undefined,
  deny: readonly string[] | undefined,
): (name: string) => boolean {
  const allowed = allow === undefined ? () => true : picomatch([...allow], { dot: true });
  const denied = deny === undefined || deny.length === 0 ? () => false : picomatch([...deny], { dot: true });
  return (name) => allowed(name) && !denied(name);
}
