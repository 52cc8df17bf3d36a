import { estimateTokenCount } from 'tokenx';

import type { JsonObject } from '../../json.ts';
import { isJsonObject, jsonText } from '../../json.ts';
import type { Registry } from '../../registry/contract.ts';
import type { ToolSummary } from '../context.ts';
import type { ModelLimits, ModelTool } from '../model/model.ts';
import { RESULT_TOOL_DEFINITIONS } from '../result/result-tools.ts';
import type { HostTool } from '../tool-call/host-tool.ts';
import { isForModels } from '../tool-call/tool-visibility.ts';

/** Above this, definitions crowd out the request: the model is given a search tool instead of all of them. */
const MAX_DEFINITION_TOKENS = 20_000;

export const TOOL_SEARCH = 'switchyard__tool_search';

/**
 * Which tools a model is offered in a run. All of them where they fit; else `switchyard__tool_search` and what it
 * found, in the order of finding. The list only grows at its end, so a provider's prompt cache stays warm.
 */
export class ToolOffer {
  readonly searching: boolean;
  readonly #all: ReadonlyMap<string, ToolSummary>;
  #offered: readonly ModelTool[];
  #names: ReadonlySet<string>;

  /** `local` stands first, and is always offered. */
  constructor(tools: readonly ToolSummary[], limits: ModelLimits, local: readonly ModelTool[] = []) {
    const catalog = catalogOf(tools);
    this.#all = catalog.byName;
    this.searching = tools.length + local.length > limits.maxTools || catalog.crowdsOut;
    const { offered, names } = this.searching ? catalog.search : catalog.whole;
    this.#offered = local.length === 0 ? offered : [...local, ...offered];
    this.#names = local.length === 0 ? names : new Set(this.#offered.map(({ name }) => name));
  }

  /** Another array whenever it has grown; the same one for all runs that are offered the same. */
  get tools(): readonly ModelTool[] {
    return this.#offered;
  }

  /** Whether calls of it may run side by side. */
  isReadOnly(name: string): boolean {
    return HOST_TOOLS.has(name) || this.#all.get(name)?.readOnly === true;
  }

  /** Whether it is among the tools that this run was given, offered or to be found. */
  has(name: string): boolean {
    return this.#all.has(name) || this.#names.has(name) || HOST_TOOLS.has(name);
  }

  /** Offers what stored results are read with, from the first that the conversation holds on. */
  revealResultTools(): void {
    this.#add(RESULT_TOOL_DEFINITIONS.filter(({ name }) => !this.#names.has(name)));
  }

  /** Offers these too; unknown names and those already offered are passed over. Returns what was added. */
  reveal(names: readonly string[]): readonly string[] {
    const added = [...new Set(names)].flatMap((name) => {
      const tool = this.#all.get(name);
      return tool === undefined || this.#names.has(name) ? [] : [tool];
    });
    this.#add(added);
    return added.map(({ name }) => name);
  }

  #add(tools: readonly Parameters<typeof modelTool>[0][]): void {
    if (tools.length === 0) return;
    this.#offered = [...this.#offered, ...tools.map(modelTool)];
    this.#names = new Set(this.#offered.map(({ name }) => name));
  }
}

interface Offer {
  readonly offered: readonly ModelTool[];
  readonly names: ReadonlySet<string>;
}

interface Catalog {
  readonly byName: ReadonlyMap<string, ToolSummary>;
  /** All definitions together are too large to offer. */
  readonly crowdsOut: boolean;
  readonly whole: Offer;
  readonly search: Offer;
}

/** Runs mostly take the same list: what is made of it is made once. */
const catalogs = new WeakMap<readonly ToolSummary[], Catalog>();

function catalogOf(tools: readonly ToolSummary[]): Catalog {
  const known = catalogs.get(tools);
  if (known !== undefined) return known;
  const made: Catalog = {
    byName: new Map(tools.map((tool) => [tool.name, tool])),
    crowdsOut: crowdOut(tools),
    whole: offerOf(tools.map(modelTool)),
    search: offerOf([modelTool(searchDefinition(tools.length))]),
  };
  catalogs.set(tools, made);
  return made;
}

function offerOf(offered: readonly ModelTool[]): Offer {
  return { offered, names: new Set(offered.map(({ name }) => name)) };
}

const HOST_TOOLS = new Set([TOOL_SEARCH, ...RESULT_TOOL_DEFINITIONS.map(({ name }) => name)]);

/** The tool behind `switchyard__tool_search`; its answer lists the tools that were found. */
export function createToolSearch(registry: Pick<Registry, 'search' | 'catalog'>): HostTool {
  return {
    name: TOOL_SEARCH,
    definition: searchDefinition(undefined),
    call: async (args) => {
      const query = jsonText(args['query']);
      const limit = typeof args['limit'] === 'number' ? args['limit'] : 5;
      const hits = registry.search(query, { limit }).filter(({ entry }) => isForModels(entry));
      const found = hits.map(({ entry }) => ({
        name: entry.name,
        description: entry.definition.description ?? '',
      }));
      const total = registry.catalog().tools.length;
      const text =
        found.length === 0
          ? `None of ${total} tools fits "${query}". Try other words for the action or the thing.`
          : `${found.length} of ${total} tools; they can be called from the next turn on:\n${found.map((tool) => `- ${tool.name}: ${tool.description}`).join('\n')}`;
      return { content: [{ type: 'text', text }], structuredContent: { tools: found } };
    },
  };
}

/** The names in an answer of the tool search. */
export function foundNames(result: JsonObject | undefined): readonly string[] {
  const structured = result?.['structuredContent'];
  const tools = isJsonObject(structured) && Array.isArray(structured['tools']) ? structured['tools'] : [];
  return tools.filter(isJsonObject).map((tool) => jsonText(tool['name']));
}

/** Whether all definitions together are too large to offer. */
function crowdOut(tools: readonly ToolSummary[]): boolean {
  const definitions = tools.map((tool) => JSON.stringify(modelTool(tool)));
  // A token has at least one character, so a small catalog, which is the common case, needs no estimate.
  const characters = definitions.reduce((sum, text) => sum + text.length, 0);
  if (characters <= MAX_DEFINITION_TOKENS) return false;
  let tokens = 0;
  for (const text of definitions) {
    tokens += estimateTokenCount(text);
    if (tokens > MAX_DEFINITION_TOKENS) return true;
  }
  return false;
}

function modelTool(tool: { name: string; description?: string; inputSchema: JsonObject }): ModelTool {
  return { name: tool.name, description: tool.description ?? '', inputSchema: tool.inputSchema };
}

function searchDefinition(total: number | undefined) {
  return {
    name: TOOL_SEARCH,
    description: `Finds tools by what they do${total === undefined ? '' : ` among the ${total} that are connected`}. Describe the action and the thing in a few words, for example "create calendar event". What is found can be called from the next turn on.`,
    inputSchema: {
      type: 'object',
      properties: {
        query: { type: 'string', description: 'What the tool should do.' },
        limit: {
          type: 'integer',
          minimum: 1,
          maximum: 20,
          description: 'How many tools at most; 5 by default.',
        },
      },
      required: ['query'],
      additionalProperties: false,
    },
    annotations: { title: 'Find tools', readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  };
}
