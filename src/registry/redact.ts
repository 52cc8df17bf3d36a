/** Secrets of a definition, kept out of log lines and messages. */
import type { ServerDefinition } from '../config/server-definition.ts';

/** Shorter values are words such as `true` or `info`, and would make a text unreadable without hiding anything. */
const SHORTEST_SECRET = 6;

export type Redact = (text: string) => string;

/** Replaces every value of the server's `env` or `headers` by its name. */
export function redactor(definition: ServerDefinition): Redact {
  const named: [string, string][] = [];
  if (definition.type === 'stdio') named.push(...Object.entries(definition.env));
  if (definition.type === 'http' || definition.type === 'sse') {
    for (const [name, value] of Object.entries(definition.headers)) {
      named.push([name, value]);
      const token = /^(?:Bearer|Basic|Token)\s+(.+)$/i.exec(value)?.[1];
      if (token !== undefined) named.push([name, token]);
    }
    if (definition.oauth?.clientSecret !== undefined)
      named.push(['clientSecret', definition.oauth.clientSecret]);
    for (const [name, value] of urlSecrets(definition.url)) named.push([name, value]);
  }
  const secrets = named
    .filter(([, value]) => value.length >= SHORTEST_SECRET)
    .sort(([, left], [, right]) => right.length - left.length);
  if (secrets.length === 0) return (text) => text;
  return (text) => secrets.reduce((masked, [name, value]) => masked.replaceAll(value, `[${name}]`), text);
}

function urlSecrets(text: string): [string, string][] {
  if (!URL.canParse(text)) return [];
  const url = new URL(text);
  const secrets: [string, string][] = [...url.searchParams].map(([name, value]) => [`query ${name}`, value]);
  if (url.password !== '') secrets.push(['url password', url.password]);
  return secrets;
}
