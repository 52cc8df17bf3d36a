/** Clients as a person names them, and where this machine has them. */
import { homedir } from 'node:os';

import { type Client, CLIENTS, findClient, type Place } from '../../clients/client.ts';
import { environment } from '../../config/environment.ts';
import { didYouMean, nearestName } from '../../config/problem.ts';
import { HostError } from '../../errors.ts';

/** Throws HostError `usage` with the names that there are. */
export function clientNamed(name: string): Client {
  const client = findClient(name);
  if (client !== undefined) return client;
  const ids = CLIENTS.map(({ id }) => id);
  throw new HostError(
    'usage',
    `There is no client '${name}'.${didYouMean(nearestName(name, ids))} There are ${ids.join(', ')}.`,
  );
}

export function here(): Place {
  return {
    platform: process.platform,
    home: homedir(),
    env: environment(),
    workingFolder: process.cwd(),
  };
}
