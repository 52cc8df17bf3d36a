/** Tools and requests of the public test sets, as the registry would hold them. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import type { ToolDefinition, ToolEntry } from '../../src/registry/contract.ts';
import { benchData } from '../report.ts';

export interface Request {
  readonly query: string;
  /** Names of the tools that answer it. */
  readonly expected: readonly string[];
}

export interface TestSet {
  readonly tools: readonly ToolEntry[];
  readonly requests: readonly Request[];
}

/** Its single-tool requests, and apart from them those that need two tools. */
export function metaTool(): { readonly single: TestSet; readonly multi: TestSet } | undefined {
  const folder = benchData('metatool');
  if (folder === undefined) return undefined;
  const descriptions = readJson<Record<string, string>>(join(folder, 'plugin_des.json'));
  const tools = Object.entries(descriptions).map(([name, description]) =>
    tool('metatool', { name, description, inputSchema: { type: 'object' } }),
  );
  const rows = parseCsv(readFileSync(join(folder, 'all_clean_data.csv'), 'utf8')).slice(1);
  const single = rows.map(([query = '', name = '']) => ({ query, expected: [`metatool__${name}`] }));
  const golden = readJson<readonly { query: string; tool: readonly string[] }[]>(
    join(folder, 'multi_tool_query_golden.json'),
  );
  const multi = golden.map((row) => ({
    query: row.query,
    expected: row.tool.map((name) => `metatool__${name}`),
  }));
  return { single: { tools, requests: single }, multi: { tools, requests: multi } };
}

export function sealTools(): TestSet | undefined {
  const folder = benchData('seal-tools');
  if (folder === undefined) return undefined;
  type SealTool = {
    readonly api_name: string;
    readonly api_description: string;
    readonly parameters: Record<string, { description?: string }>;
  };
  const byName = new Map<string, ToolEntry>();
  for (const row of readJsonLines<SealTool>(join(folder, 'tool.jsonl'))) {
    const inputSchema = { type: 'object', properties: row.parameters };
    byName.set(
      row.api_name,
      tool('seal', { name: row.api_name, description: row.api_description, inputSchema }),
    );
  }
  type SealRequest = { readonly query: string; readonly calling: readonly { readonly api: string }[] };
  const requests = readJsonLines<SealRequest>(join(folder, 'dev.jsonl')).map(({ query, calling }) => ({
    query,
    expected: [...new Set(calling.map(({ api }) => `seal__${api}`))],
  }));
  return { tools: [...byName.values()], requests };
}

/** The captured `tools/list` answers of a folder, whole. */
export function capturedTools(folderName: 'npm_mcp_servers' | 'docker_mcp_registry'): readonly ToolEntry[] {
  const folder = benchData(folderName);
  if (folder === undefined) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith('.tools.json'));
  return files.sort().flatMap((file) => {
    const captured = readJson<{ tools: readonly ToolDefinition[] } | readonly ToolDefinition[]>(
      join(folder, file),
    );
    const list = 'tools' in captured ? captured.tools : captured;
    const server = basename(file, '.tools.json').replaceAll(/[^A-Za-z0-9-]+/g, '_');
    return list.map((definition) =>
      tool(server, { ...definition, inputSchema: definition.inputSchema ?? {} }),
    );
  });
}

/**
 * The npm catalog with the first sentence of each description held out: the sentence is the request, without the tool's
 * name, and the index sees the rest of the tool.
 */
export function heldOutNpm(): TestSet | undefined {
  const tools = capturedTools('npm_mcp_servers');
  if (tools.length === 0) return undefined;
  const requests: Request[] = [];
  const rest = tools.map((entry) => {
    const description = entry.definition.description ?? '';
    const [sentence = ''] = /^[\s\S]*?(?:[.!?](?=\s)|\n|$)/.exec(description.trim()) ?? [];
    const query = sentence.replaceAll(entry.definition.name, ' ').trim();
    if (query.split(/\s+/).length < 3) return entry;
    requests.push({ query, expected: [entry.name] });
    return {
      ...entry,
      definition: { ...entry.definition, description: description.trim().slice(sentence.length) },
    };
  });
  return { tools: rest, requests };
}

function tool(server: string, definition: ToolDefinition): ToolEntry {
  return { name: `${server}__${definition.name}`, server, definition, annotationsTrusted: false };
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

function readJsonLines<T>(file: string): T[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as T);
}

/** Fields may be quoted and then hold commas, line breaks and doubled quotes. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n"]*))(,|\r?\n|$)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? bare ?? '');
    if (end === ',') continue;
    if (row.length > 1) rows.push(row);
    row = [];
  }
  return rows;
}
