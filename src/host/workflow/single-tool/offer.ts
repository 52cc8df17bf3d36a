/**
 * Which tools a question may be for. A small model that is given all of them takes any; so it is given those that the
 * question speaks of, beside the search over documents, which any question may be for.
 */
import type { JsonObject } from '../../../json.ts';
import type { ToolSummary } from '../../context.ts';
import { literalsOf } from './literals.ts';
import { smallSchema } from './small-schema.ts';

export interface SmallTool {
  readonly name: string;
  readonly description: string;
  /** Its arguments, as the grammar takes them. */
  readonly schema: JsonObject;
}

const LONGEST_DESCRIPTION = 200;
/** More definitions cost a second each before the first word. */
const MOST_TOOLS = 12;

/** Read-only by a trusted annotation, simple enough, and spoken of in the request; in the catalog's order. */
export function offeredTools(
  request: string,
  tools: readonly ToolSummary[],
  always: string,
): readonly SmallTool[] {
  const literals = literalsOf(request);
  const words = contentWords(withoutTalkAbout(request));
  const hasLiteral = literals.urls.length + literals.names.length > 0;
  const readOnly = tools.filter((tool) => tool.readOnly);
  const vocabulary = vocabularies(readOnly);
  const offered: SmallTool[] = [];
  for (const tool of readOnly) {
    const schema = smallSchema(tool.inputSchema, literals);
    if (schema === undefined) continue;
    const spoken = wordsOfTool(tool).some((word) => words.has(word));
    const takesName = hasLiteral && copiesName(schema);
    const ofServer = vocabulary.get(tool.server)?.some((word) => words.has(word)) ?? false;
    // A call without arguments would fit any question: only one that is spoken of by name is offered.
    const hasArguments = Object.keys(Object(schema['properties'])).length > 0;
    if (tool.name !== always && !takesName && !spoken && !(ofServer && hasArguments)) continue;
    offered.push({ name: tool.name, description: firstSentences(tool.description), schema });
  }
  const own = offered.filter(({ name }) => name !== always).slice(0, MOST_TOOLS - 1);
  return offered.filter((tool) => tool.name === always || own.includes(tool));
}

/** What people call the things that our own servers are about. */
const OWN_WORDS: Readonly<Record<string, string>> = {
  filesystem: '',
  memory: 'memory memories remember remembered recall told said',
  retrieval: '',
  web: 'web internet online website',
};

/** By server: the words that speak of it. Of a foreign server those of its descriptions that no other one uses. */
function vocabularies(tools: readonly ToolSummary[]): ReadonlyMap<string, readonly string[]> {
  const byServer = new Map<string, Set<string>>();
  for (const { server, description } of tools) {
    const words = byServer.get(server) ?? contentWords(server.replaceAll(/[_-]/g, ' '));
    for (const word of contentWords(firstSentences(description))) words.add(word);
    byServer.set(server, words);
  }
  return new Map(
    [...byServer].map(([server, words]) => {
      const own = OWN_WORDS[server];
      if (own !== undefined) return [server, [...contentWords(own)]];
      const others = [...byServer].filter(([name]) => name !== server);
      return [server, [...words].filter((word) => !others.some(([, theirs]) => theirs.has(word)))];
    }),
  );
}

/** The things in its name, not what is done with them: `list_facts` speaks of facts. */
function wordsOfTool({ name, server }: ToolSummary): readonly string[] {
  const own = name.startsWith(`${server}__`) ? name.slice(server.length + 2) : name;
  const spaced = own.replaceAll(/([a-z])([A-Z])/g, '$1 $2').replaceAll(/[_-]/g, ' ');
  return [...contentWords(spaced)].filter((word) => !ACTIONS.has(word));
}

const ACTIONS = new Set(
  'get list read search find fetch show query lookup call run describe check count info content'
    .split(' ')
    .map(stem),
);

/** "The web server", "the search tool": who asks about one asks what is written on it. */
function withoutTalkAbout(request: string): string {
  return request.replaceAll(/\b[\w-]+ (servers?|tools?|commands?|models?|events?)\b/gi, ' ');
}

function copiesName(schema: JsonObject): boolean {
  return Object.values(Object(schema['properties'])).some(
    (property) => typeof property === 'object' && property !== null && 'enum' in property,
  );
}

function contentWords(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return new Set(words.filter((word) => word.length > 2 && !COMMON.has(word)).map(stem));
}

/** Plurals and the commonest endings: enough to meet a word again. */
function stem(word: string): string {
  if (word.length <= 4) return word.replace(/(?<=..[^s])s$/, '');
  return word.replace(/(ies)$/, 'y').replace(/(?<=...)(ing|ed|es|s)$/, '');
}

const COMMON = new Set(
  'about after all and any are back before between both but can could does each earlier every first for from give given gives has have how into its itself last less like many may more most much name named new next not now off one only other out over own same see set should some tell tells than that the their them then there these they this those through time two under until use used uses using very was were what when where which who whose why will with within without word words would you your'.split(
    ' ',
  ),
);

function firstSentences(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ').trim();
  if (flat.length <= LONGEST_DESCRIPTION) return flat;
  const cut = flat.slice(0, LONGEST_DESCRIPTION);
  const end = cut.lastIndexOf('. ');
  return end > 0 ? cut.slice(0, end + 1) : cut;
}
