/** What the listing commands share: connecting to what is not known, telling of what failed, and JSON or a table. */
import type { ServerStatus } from '../../registry/contract.ts';
import type { ListFlags } from './commands.ts';
import { type OpenedHost, openHost } from './open-host.ts';
import { oneLine, styled, table } from './terminal.ts';

/** How long connecting may take before it is said that it does. */
const QUIET_MS = 1_000;

/** Opens the host, makes the catalog known, and shows `list` of it. Servers that failed are named on stderr. */
export async function showList<Item>(
  flags: ListFlags,
  list: (opened: OpenedHost) => readonly Item[],
  columns: (item: Item) => readonly string[],
  empty: string,
): Promise<void> {
  await using opened = await openHost(flags);
  await connect(opened, flags.fresh === true);
  const items = list(opened);
  if (flags.json) await opened.output.data(`${JSON.stringify(items, null, 2)}\n`);
  else if (items.length > 0) await opened.output.data(`${table(items.map(columns))}\n`);
  else opened.output.status(empty);
  for (const server of opened.host.registry.servers()) tellTrouble(server, opened);
}

export async function connect({ host, output, signal }: OpenedHost, fresh: boolean): Promise<void> {
  const timer = setTimeout(() => {
    const waiting = host.registry.servers().filter((server) => server.state === 'connecting');
    output.status(styled('dim', `Connecting to ${waiting.map((server) => server.name).join(', ')} …`));
  }, QUIET_MS);
  try {
    await host.registry.ready({ fresh, signal });
  } finally {
    clearTimeout(timer);
  }
}

function tellTrouble(server: ServerStatus, { output }: OpenedHost): void {
  if (server.state === 'failed' || server.state === 'degraded') {
    output.status(
      styled(
        'yellow',
        `${server.name} is ${server.state}: ${oneLine(server.reason ?? 'no reason given', 400)}`,
      ),
    );
  }
  for (const notice of server.notices)
    output.status(styled('dim', `${server.name}: ${oneLine(notice, 400)}`));
}
