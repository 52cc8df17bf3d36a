import { nearestName, shownName } from '../nearest-name.ts';
import type { Catalog, ServerStatus } from './contract.ts';

const SHOWN_SERVERS = 12;

/** Says that a name is unknown, what is near it, and which servers could not say what they have. */
export function unknownName(
  kind: 'tool' | 'resource' | 'prompt',
  name: string,
  catalog: Catalog,
  servers: readonly ServerStatus[],
): string {
  const names = {
    tool: () => catalog.tools.map((entry) => entry.name),
    resource: () => [
      ...catalog.resources.map((entry) => entry.uri),
      ...catalog.resourceTemplates.map((entry) => entry.uriTemplate),
    ],
    prompt: () => catalog.prompts.map((entry) => entry.name),
  }[kind]();
  const near = names.length === 0 ? '' : ` The nearest is '${nearestName(name, names)}'.`;
  const silent = servers.filter((server) => server.state === 'failed' || server.state === 'disabled');
  const without =
    silent.length === 0
      ? ''
      : ` Not available: ${silent
          .slice(0, SHOWN_SERVERS)
          .map((server) => `${server.name} (${server.state})`)
          .join(', ')}.`;
  return `There is no ${kind} '${shownName(name)}' among ${names.length}.${near}${without} List them with 'switchyard ${kind}s'.`;
}
