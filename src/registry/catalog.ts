/** All servers' entries as one catalog: stably ordered, named, and readable back to the server's own names. */
import { createHash } from 'node:crypto';

import picomatch from 'picomatch';

import { byName } from '../by-name.ts';
import type { Naming } from '../config/config.ts';
import type { ServerDefinition } from '../config/server-definition.ts';
import { type JsonObject, jsonText } from '../json.ts';
import type {
  Catalog,
  CompletionReference,
  PromptEntry,
  ResourceEntry,
  ResourceTemplateEntry,
  ToolEntry,
} from './contract.ts';
import { bareNames, entryNames, mayBeOf, type OwnName, serverPrefixes } from '../entry-name.ts';
import type { ServerEntries } from './listing.ts';
import { matchTemplate, type OwnUri, prefixedUri, shownUris, splitPrefixedUri } from './resource-uri.ts';

export interface CatalogSource {
  readonly definition: ServerDefinition;
  readonly entries: ServerEntries;
}

export interface CatalogNames {
  readonly naming: Naming;
  readonly maxNameLength: number;
}

/** One state of the catalog with the tables that lead from shown names back to servers. */
export class CatalogIndex {
  readonly catalog: Catalog;
  readonly #naming: Naming;
  readonly #prefixes: ReadonlyMap<string, string>;
  readonly #tools: ReadonlyMap<string, ToolEntry>;
  readonly #prompts: ReadonlyMap<string, OwnName>;
  readonly #resources: ReadonlyMap<string, OwnUri>;
  readonly #templates: ReadonlyMap<string, OwnUri>;

  constructor(sources: readonly CatalogSource[], names: CatalogNames) {
    this.#naming = names.naming;
    const ordered = [...sources].sort((left, right) =>
      byCodeUnit(left.definition.name, right.definition.name),
    );
    this.#prefixes = serverPrefixes(ordered.map((source) => source.definition.name));
    const tools: readonly ToolEntry[] = named(ownTools(ordered), this.#prefixes, names);
    const prompts: readonly PromptEntry[] = named(ownPrompts(ordered), this.#prefixes, names);
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
    this.#tools = byName(tools);
    this.#prompts = new Map(
      [...byName(prompts)].map(([name, { server, definition }]) => [
        name,
        { server, name: jsonText(definition['name']) },
      ]),
    );
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

  /** The server that completes an argument, and its own name for what the argument is of. */
  completed(reference: CompletionReference): { server: string; reference: JsonObject } | undefined {
    if (reference.type === 'prompt') {
      const own = this.prompt(reference.name);
      return own && { server: own.server, reference: { type: 'ref/prompt', name: own.name } };
    }
    const own = this.template(reference.uriTemplate);
    return own && { server: own.server, reference: { type: 'ref/resource', uri: own.uri } };
  }

  /** Whether an entry of the server may be called so. */
  mayOwn(server: string, name: string): boolean {
    return this.#naming === 'bare' || mayBeOf(this.#prefixes.get(server) ?? server, name);
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

function named<Entry extends OwnName>(
  own: readonly Entry[],
  prefixes: ReadonlyMap<string, string>,
  { naming, maxNameLength }: CatalogNames,
): readonly (Entry & { readonly prefixedName?: string })[] {
  const prefixed = entryNames(own, prefixes, maxNameLength);
  const shown = naming === 'bare' ? bareNames(own, prefixed, maxNameLength) : prefixed;
  return own.map((entry, index) => {
    const name = shown[index] ?? entry.name;
    const prefixedName = prefixed[index] ?? name;
    return { ...entry, name, ...(name === prefixedName ? {} : { prefixedName }) };
  });
}

function ownTools(sources: readonly CatalogSource[]): readonly ToolEntry[] {
  return sources.flatMap(({ definition: { name: server, tools, trust }, entries }) => {
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
