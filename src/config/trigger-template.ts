/** Placeholders in the input of a trigger: `{{data.issue.title}}`. They name fields of the event, and nothing is computed. */
import type { Json } from '../json.ts';
import { isJsonObject } from '../json.ts';
import type { JsonPath } from './json-document.ts';

/** What stands between the braces, as the names on the way to a value: `['data', 'issue', 'title']`. */
export type Placeholder = readonly string[];

/** The parts of a text in order: words, and what is to be put between them. */
export type TemplatePart = string | { readonly written: string; readonly placeholder: Placeholder };

const BRACES = /\{\{(.*?)\}\}/gs;
const NAMES = /^[\w$@-]+(?:\.[\w$@-]+)*$/;

/** The fields of `event`. */
export const EVENT_FIELDS = ['id', 'at', 'trigger', 'count'] as const;

/** What a placeholder begins with. */
export const TEMPLATE_ROOTS = ['data', 'event', 'events'] as const;

export function templateParts(text: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let end = 0;
  for (const match of text.matchAll(BRACES)) {
    const [whole, inside = ''] = match;
    if (match.index > end) parts.push(text.slice(end, match.index));
    const written = inside.trim();
    parts.push({ written, placeholder: NAMES.test(written) ? written.split('.') : [] });
    end = match.index + whole.length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

/** Every placeholder of a template with its place; an empty `placeholder` is none that can be read. */
export function placeholdersIn(
  template: Json,
  path: JsonPath = [],
): readonly { readonly path: JsonPath; readonly written: string; readonly placeholder: Placeholder }[] {
  if (typeof template === 'string')
    return templateParts(template).flatMap((part) => (typeof part === 'string' ? [] : [{ ...part, path }]));
  if (Array.isArray(template))
    return (template as readonly Json[]).flatMap((item, index) => placeholdersIn(item, [...path, index]));
  if (!isJsonObject(template)) return [];
  return Object.entries(template).flatMap(([key, value]) => placeholdersIn(value, [...path, key]));
}
