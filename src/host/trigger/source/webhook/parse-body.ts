/** The body of a webhook as JSON, or why it is none. */
import { isUtf8 } from 'node:buffer';

import { isJsonObject, type Json } from '../../../../json.ts';
import { excessOf } from '../../../../wire/extent.ts';

export type ParsedBody =
  | { readonly type: 'json'; readonly value: Json }
  | { readonly type: 'refused'; readonly message: string };

/** More than anything that is meant. */
const LIMITS = { maxDepth: 100, maxParts: 100_000 } as const;

export type BodyForm = 'json' | 'form';

/** Undefined where a body of that type is not taken. */
export function bodyForm(contentType: string | undefined): BodyForm | undefined {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/x-www-form-urlencoded') return 'form';
  return /^application\/(?:[\w.+-]+\+)?json$/.test(type) ? 'json' : undefined;
}

export function parseBody(bytes: Buffer, form: BodyForm): ParsedBody {
  if (!isUtf8(bytes)) return refused('The body is not UTF-8.');
  const text = bytes.toString('utf8');
  return form === 'json' ? parseJson(text) : parseForm(text);
}

/** Some senders put JSON in the one field `payload` of a form; then that is the body. */
function parseForm(text: string): ParsedBody {
  const fields = valuesByName(new URLSearchParams(text));
  const { payload } = fields;
  if (typeof payload === 'string' && Object.keys(fields).length === 1) {
    const parsed = parseJson(payload);
    if (parsed.type === 'json' && isJsonObject(parsed.value)) return parsed;
  }
  return { type: 'json', value: fields };
}

function parseJson(text: string): ParsedBody {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    // What the engine says of it would quote the body.
    return refused('The body is no JSON.');
  }
  const excess = excessOf(value, LIMITS);
  if (excess === undefined) return { type: 'json', value };
  return refused(
    excess === 'depth'
      ? `The body is nested deeper than ${LIMITS.maxDepth} arrays and objects.`
      : `The body has more than ${LIMITS.maxParts} arrays, objects and keys.`,
  );
}

/** A name that comes several times has a list. Any name is only a name: none reaches what objects inherit. */
export function valuesByName(parameters: URLSearchParams): Readonly<Record<string, Json>> {
  const lists = Map.groupBy(parameters, ([name]) => name);
  return Object.fromEntries(
    [...lists].map(([name, pairs]): [string, Json] => {
      const values = pairs.map(([, value]) => value);
      return [name, values.length === 1 ? (values[0] ?? '') : values];
    }),
  );
}

function refused(message: string): ParsedBody {
  return { type: 'refused', message };
}
