/** The input of a run, made of a trigger's template and what happened. */
import { type Placeholder, templateParts } from '../../config/trigger-template.ts';
import { isJsonObject, type Json } from '../../json.ts';
import { untrustedText } from '../guard/untrusted.ts';
import type { TriggerEvent } from './source.ts';

export interface RenderOptions {
  readonly trigger: string;
  /** Those that start the run together, the last one last. */
  readonly events: readonly [TriggerEvent, ...TriggerEvent[]];
}

/**
 * A text that is nothing but a placeholder becomes the value itself. Within words, and where words are the whole input, a value stands between the marks of what
 * comes from outside, unless it is a number, a truth value or one plain word. What an event does not have is null, and within words
 * nothing.
 */
export function renderInput(template: Json, options: RenderOptions): Json {
  const scope = scopeOf(options);
  const render = (value: Json): Json => {
    if (typeof value === 'string') return renderText(value, scope, options);
    if (Array.isArray(value)) return (value as readonly Json[]).map(render);
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, render(inner)]));
  };
  const input = render(template);
  const id = (options.events.at(-1) ?? options.events[0]).id;
  // Words alone would be the request itself, as if a person had said them.
  return typeof template === 'string' && typeof input === 'string' && isAlone(template)
    ? inWords(input, options.trigger, id)
    : input;
}

function isAlone(template: string): boolean {
  const parts = templateParts(template);
  return parts.length === 1 && typeof parts[0] !== 'string';
}

function scopeOf({ trigger, events }: RenderOptions): Json {
  const last = events.at(-1) ?? events[0];
  return {
    data: last.data,
    event: { id: last.id, at: new Date(last.atMs).toISOString(), trigger, count: events.length },
    events: events.map(({ id, atMs, data }) => ({ id, at: new Date(atMs).toISOString(), data })),
  };
}

function renderText(text: string, scope: Json, { trigger, events }: RenderOptions): Json {
  const parts = templateParts(text);
  const [only] = parts;
  if (parts.length === 1 && only !== undefined && typeof only !== 'string')
    return valueAt(scope, only.placeholder) ?? null;
  const id = (events.at(-1) ?? events[0]).id;
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      const value = valueAt(scope, part.placeholder);
      return value === undefined || value === null ? '' : inWords(value, trigger, `${id}\n${part.written}`);
    })
    .join('');
}

/** Too short and too plain to tell a model anything. */
const PLAIN_WORD = /^[\w.:/@#+-]{1,60}$/;

function inWords(value: Json, trigger: string, id: string): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string' && PLAIN_WORD.test(value)) return value;
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return untrustedText({ origin: `trigger ${trigger}`, id, text });
}

function valueAt(scope: Json, placeholder: Placeholder): Json | undefined {
  let value: Json | undefined = scope;
  for (const name of placeholder) {
    if (Array.isArray(value)) value = (value as readonly Json[])[Number(name)];
    else if (isJsonObject(value)) value = Object.hasOwn(value, name) ? value[name] : undefined;
    else return undefined;
  }
  return value;
}
