/** What is said of a tool that is not there: its server may be the one that is not there. */
import { nearestName, shownName } from '../../nearest-name.ts';
import type { ServerStatus } from '../../registry/contract.ts';

const SHOWN_SERVERS = 3;
const SHOWN_TOOLS = 20;

/** `unlisted`: servers of which nothing is known, and which may have it. */
export function unknownTool(
  name: string,
  names: readonly string[],
  unlisted: readonly ServerStatus[],
): string {
  const none = `There is no tool "${shownName(name)}"`;
  const absent = unlisted.slice(0, SHOWN_SERVERS).map(absence).join(' ');
  if (unlisted.length > 0) return `${none} that is known. ${absent} The other servers go on.`;
  if (names.length === 0) return `${none}: no server offers any tool.`;
  const shown = names.length <= SHOWN_TOOLS ? ` Known: ${names.join(', ')}.` : '';
  return `${none}. The nearest is "${nearestName(name, names)}".${shown}`;
}

function absence({ name, state, reason }: ServerStatus): string {
  const why = reason === undefined ? '' : ` ${reason}`;
  switch (state) {
    case 'disabled':
      return `Server '${name}' is disabled in the config.`;
    case 'failed':
      return `Server '${name}' is not available:${why} Its stderr is in the log under its name; 'switchyard doctor' says more.`;
    case 'degraded':
      return `Server '${name}' has not told what it has:${why}`;
    case 'idle':
    case 'connecting':
    case 'ready':
      return `Server '${name}' has not told yet what it has; send the call again later.${why}`;
    default:
      return state satisfies never;
  }
}
