/** Whether two entries start or reach the same thing, whatever they are called. */
import { translateEntry } from '../config/foreign-keys.ts';
import type { Environment } from '../config/environment.ts';
import { isJsonObject } from '../json.ts';

type Entry = Readonly<Record<string, unknown>>;

/** An imported entry, with its secrets and with variables in place of them. */
export interface Imported {
  readonly entry: Entry;
  readonly hidden: Entry;
}

/** `written` is an entry of our config, in whichever client's words. */
export function isSameLaunch(written: Entry, imported: Imported, env: Environment): boolean {
  const ours = launchTexts(written);
  const theirs = launchTexts(imported.entry);
  const hidden = launchTexts(imported.hidden);
  if (ours.size !== theirs.size) return false;
  return [...theirs].every(([key, text]) => {
    const own = ours.get(key);
    return own !== undefined && isSameText(own, text, hidden.get(key) ?? text, env);
  });
}

function isSameText(own: string, text: string, hidden: string, env: Environment): boolean {
  if (own === text || own === hidden || resolved(own, env) === resolved(text, env)) return true;
  // A variable that is not set stands for any secret: the value is kept nowhere that it could be compared with.
  return hidden !== text && pattern(own, env).test(resolved(text, env));
}

/** What is started or reached, text by text: `args.1` → `--port`. */
function launchTexts(written: Entry): Map<string, string> {
  const { entry, envFile } = translateEntry(written);
  const texts = new Map<string, string>();
  const put = (key: string, value: unknown): void => {
    if (Array.isArray(value)) for (const [index, item] of value.entries()) put(`${key}.${index}`, item);
    else if (isJsonObject(value))
      for (const [name, item] of Object.entries(value)) put(`${key}.${name}`, item);
    else if (typeof value === 'number' || typeof value === 'boolean') texts.set(key, String(value));
    else if (typeof value === 'string' && value !== '') texts.set(key, value);
  };
  for (const key of ['command', 'args', 'env', 'cwd', 'url'] as const) put(key, entry[key]);
  for (const [name, value] of Object.entries(isJsonObject(entry['headers']) ? entry['headers'] : {}))
    put(`headers.${name.toLowerCase()}`, value);
  put('envFile', envFile);
  put('type', entry['type'] === 'sse' ? 'sse' : undefined);
  const url = texts.get('url');
  if (url !== undefined) texts.set('url', url.replace(/\/$/, ''));
  return texts;
}

const REFERENCE = /\$\{(?:env:)?([A-Za-z_]\w*)(?::-([^{}]*))?\}/g;

function resolved(text: string, env: Environment): string {
  return text.replaceAll(
    REFERENCE,
    (whole, name: string, fallback?: string) => env[name] ?? fallback ?? whole,
  );
}

function pattern(own: string, env: Environment): RegExp {
  const parts = resolved(own, env).split(/\$\{[^{}]*\}/);
  return new RegExp(
    `^${parts.map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)).join('.+')}$`,
    's',
  );
}
