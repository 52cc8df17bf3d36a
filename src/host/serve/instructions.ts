/** What a client's model is told of the servers behind us, which told it to us. */
import type { Naming } from '../../config/config.ts';
import type { ServerStatus } from '../../registry/contract.ts';

const MAX_CHARACTERS = 8_000;

const NAMES: Readonly<Record<Naming, string>> = {
  prefixed: 'A tool or prompt of a server is named server__name.',
  bare: 'Tools and prompts have the names that their servers gave them; where two have the same one, it is server__name.',
};

/** In the servers' own words, each cut to its share where all together are long. */
export function instructionsFrom(servers: readonly ServerStatus[], naming: Naming): string {
  const offered = servers.filter(({ counts }) => counts.tools + counts.resources + counts.prompts > 0);
  const telling = offered.filter(({ instructions }) => (instructions ?? '') !== '');
  const share = Math.floor(MAX_CHARACTERS / Math.max(1, telling.length));
  const names = offered.map(({ name }) => name).join(', ');
  return [
    `Switchyard: many MCP servers as one. ${NAMES[naming]} switchyard__ask gives a request to an agent that has all of their tools.`,
    ...(names === '' ? [] : [`Servers: ${names}.`]),
    ...telling.map(({ name, instructions = '' }) => `# ${name}\n${cut(instructions, share)}`),
  ].join('\n\n');
}

function cut(text: string, characters: number): string {
  if (text.length <= characters) return text;
  return `${text.slice(0, characters).toWellFormed()}\n[Cut: ${characters} of ${text.length} characters.]`;
}
