import { createInterface, type Interface } from 'node:readline';

import type { LoginResult, LogoutResult, ServerStatus } from '../../registry/contract.ts';
import type { LoginFlags } from './login-commands.ts';
import { openBrowser } from './open-browser.ts';
import { openHost } from './open-host.ts';
import { isInteractive, oneLine, type Output, styled } from './terminal.ts';

export async function login(server: string, flags: LoginFlags): Promise<void> {
  await using opened = await openHost(flags);
  const { host, output, signal } = opened;
  const paste = isInteractive() ? readPasted() : undefined;
  try {
    const result = await host.registry.login(server, {
      signal,
      onAuthorizationUrl: (url) => show(server, url, flags, output),
      onNote: (text) => output.status(styled('yellow', text)),
      ...(paste === undefined ? {} : { pasted: paste }),
      ...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout * 1_000 }),
    });
    const status = host.registry.servers().find(({ name }) => name === server);
    const told = flags.json ? JSON.stringify(outcome(result, status), null, 2) : inWords(result, status);
    await output.data(`${told}\n`);
  } finally {
    paste?.close();
  }
}

export async function logout(server: string, flags: LoginFlags): Promise<void> {
  await using opened = await openHost(flags);
  const result = await opened.host.registry.logout(server, opened.signal);
  const told = flags.json ? JSON.stringify(result, null, 2) : farewell(result);
  await opened.output.data(`${told}\n`);
}

/** A terminal by itself takes no line as long as some addresses are. */
function readPasted(): Interface {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  return lines;
}

async function show(server: string, url: string, flags: LoginFlags, output: Output): Promise<void> {
  const isOpen = flags.browser !== false && (await openBrowser(url));
  output.status(isOpen ? 'This page was opened in the browser:' : `Open this page to log in to '${server}':`);
  output.status(`  ${url}`);
  if (isInteractive()) {
    output.status(
      'Where the browser is on another machine, it ends at a page that it cannot load: paste the address of that page here.',
    );
  }
  output.status(styled('dim', 'Waiting for the answer … Ctrl-C gives up.'));
}

function outcome({ expiresAtMs, ...result }: LoginResult, status: ServerStatus | undefined): object {
  return {
    ...result,
    expiresAt: expiresAtMs === undefined ? null : new Date(expiresAtMs).toISOString(),
    state: status?.state ?? null,
    ...(status?.reason === undefined ? {} : { reason: status.reason }),
    counts: status?.counts ?? null,
  };
}

function inWords(result: LoginResult, status: ServerStatus | undefined): string {
  const { server, issuer, scopes, expiresAtMs, renewable } = result;
  const rights =
    scopes.length === 0 ? 'which rights that gives was not said' : `with the rights ${scopes.join(', ')}`;
  const end =
    expiresAtMs === undefined ? 'for no time that was said' : `until ${new Date(expiresAtMs).toISOString()}`;
  const renewal = renewable ? '; it is renewed by itself' : '; then somebody has to log in again';
  const lines = [
    `Logged in to '${server}' by ${oneLine(issuer, 200)}, ${oneLine(rights, 400)}, ${end}${renewal}.`,
  ];
  if (status?.state === 'ready') {
    const { tools, resources, prompts } = status.counts;
    lines.push(`It offers ${tools} tools, ${resources} resources and ${prompts} prompts.`);
  } else if (status?.reason !== undefined)
    lines.push(`It is ${status.state}: ${oneLine(status.reason, 400)}`);
  return lines.join('\n');
}

function farewell({ server, revocation }: LogoutResult): string {
  switch (revocation) {
    case 'none':
      return `Nobody was logged in to '${server}'.`;
    case 'done':
      return `Logged out of '${server}'. Its access was revoked and is deleted here.`;
    case 'not-offered':
      return `Logged out of '${server}'. Its access is deleted here; there it ends by itself, as nothing is offered to revoke it.`;
    case 'failed':
      return `Logged out of '${server}'. Its access is deleted here; to revoke it there failed, so it ends there by itself.`;
    default:
      return revocation satisfies never;
  }
}
