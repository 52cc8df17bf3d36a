/** Clients' tokens: made, listed and revoked. Only the one that is made is ever shown, and only once. */
import { homeFolder } from '../../config/environment.ts';
import type { JsonObject } from '../../json.ts';
import type { ClientTokenRow } from '../client-token/contract.ts';
import { addToken, listTokens, revokeToken } from '../client-token/token-store.ts';
import { openState } from '../state.ts';
import { processOutput, table } from './terminal.ts';
import type { AddTokenFlags } from './tokens-commands.ts';

export async function add(name: string, { expires, json = false }: AddTokenFlags): Promise<void> {
  const output = processOutput();
  using state = openState(homeFolder());
  const added = addToken(state, name, expires === undefined ? {} : { lifetimeMs: expires });
  const { token } = added;
  if (json) {
    await output.data(`${JSON.stringify({ ...tokenJson(added), token }, null, 2)}\n`);
    return;
  }
  await output.data(`${token}\n`);
  const until = added.expiresMs === undefined ? '' : ` It is good until ${minute(added.expiresMs)} UTC.`;
  output.status(
    `The client "${name}" sends it as "Authorization: Bearer <token>". It is not shown again.${until}`,
  );
}

export async function list({ json = false }: { readonly json?: boolean }): Promise<void> {
  const output = processOutput();
  using state = openState(homeFolder());
  const tokens = listTokens(state);
  if (json) {
    await output.data(`${JSON.stringify(tokens.map(tokenJson), null, 2)}\n`);
    return;
  }
  if (tokens.length === 0) output.status('There is no token. To make one: switchyard tokens add <name>');
  else await output.data(`${table([HEADINGS, ...tokens.map(columnsOf)])}\n`);
}

export async function revoke(name: string, { json = false }: { readonly json?: boolean }): Promise<void> {
  const output = processOutput();
  using state = openState(homeFolder());
  revokeToken(state, name);
  const left = listTokens(state).length;
  if (json) await output.data(`${JSON.stringify({ revoked: name, left }, null, 2)}\n`);
  else output.status(`The token of "${name}" is good for nothing from now on.`);
  if (left === 0)
    output.status(
      'It was the last one: a server that is started without any lets every program of this machine in, and no other machine.',
    );
}

const HEADINGS = ['name', 'created', 'last used', 'expires'];

function columnsOf({ name, createdMs, lastUsedMs, expiresMs }: ClientTokenRow): string[] {
  const isOver = expiresMs !== undefined && expiresMs < Date.now();
  return [
    name,
    minute(createdMs),
    lastUsedMs === undefined ? 'never' : minute(lastUsedMs),
    expiresMs === undefined ? 'never' : `${minute(expiresMs)}${isOver ? ' (is over)' : ''}`,
  ];
}

function tokenJson({ name, createdMs, lastUsedMs, expiresMs }: ClientTokenRow): JsonObject {
  return {
    name,
    created: new Date(createdMs).toISOString(),
    lastUsed: lastUsedMs === undefined ? null : new Date(lastUsedMs).toISOString(),
    expires: expiresMs === undefined ? null : new Date(expiresMs).toISOString(),
  };
}

function minute(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}
