/** A client's config as a value, or what is wrong with it. */
import { parse, TomlError } from 'smol-toml';

import { parseJsonDocument } from '../config/json-document.ts';
import { isJsonObject } from '../json.ts';
import type { Client } from './client.ts';

export type ParsedConfig =
  | { readonly type: 'parsed'; readonly value: Readonly<Record<string, unknown>> }
  | { readonly type: 'broken'; readonly reason: string };

/** An empty file is an empty config, as it is for the clients. */
export function parseConfig(
  { format, serversKey }: Pick<Client, 'format' | 'serversKey'>,
  text: string,
): ParsedConfig {
  if (format === 'toml') return parseToml(text);
  if (text.trim() === '') return { type: 'parsed', value: {} };
  const document = parseJsonDocument(text);
  const [fault] = document.faults;
  if (fault !== undefined) return broken(`line ${fault.line}, column ${fault.column}: ${fault.message}`);
  if (!isJsonObject(document.value)) return broken('it holds no JSON object');
  const twice = document.duplicateKeys.find(({ path }) => path[0] === serversKey && path.length < 3);
  if (twice !== undefined) {
    const { path, first, second } = twice;
    return broken(`'${path.join('.')}' stands in it twice, in the lines ${first.line} and ${second.line}`);
  }
  const servers = document.value[serversKey];
  if (servers !== undefined && !isJsonObject(servers)) return broken(`'${serversKey}' in it is no object`);
  return { type: 'parsed', value: document.value };
}

function parseToml(text: string): ParsedConfig {
  try {
    return { type: 'parsed', value: parse(text) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [message = ''] = error.message.split('\n');
    return broken(`line ${error.line}, column ${error.column}: ${message}`);
  }
}

function broken(reason: string): ParsedConfig {
  return { type: 'broken', reason };
}
