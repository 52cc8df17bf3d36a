/** The registry's door to logins: which server is meant, and loading what a login takes. */
import type { RemoteDefinition, ServerDefinition } from '../config/server-definition.ts';
import { HostError } from '../errors.ts';
import type { LoginOptions, LoginResult, LogoutResult } from './contract.ts';
import type { RegistryParts } from './registry-parts.ts';

type Parts = Pick<RegistryParts, 'homeFolder' | 'onSecrets'>;

export async function logInTo(
  name: string,
  definitions: readonly ServerDefinition[],
  options: LoginOptions,
  { homeFolder, onSecrets }: Parts,
): Promise<LoginResult> {
  const definition = remote(name, definitions);
  const { logIn } = await import('./oauth-login.ts');
  return logIn({ ...options, definition, homeFolder, onSecrets });
}

export async function logOutOf(
  name: string,
  definitions: readonly ServerDefinition[],
  signal: AbortSignal | undefined,
  { homeFolder }: Parts,
): Promise<LogoutResult> {
  const definition = remote(name, definitions);
  const { logOut } = await import('./oauth-logout.ts');
  return logOut({ definition, homeFolder, signal: signal ?? new AbortController().signal });
}

function remote(name: string, definitions: readonly ServerDefinition[]): RemoteDefinition {
  const found = definitions.find((definition) => definition.name === name);
  if (found?.type === 'http' || found?.type === 'sse') return found;
  const remotes = definitions.filter(({ type }) => type === 'http' || type === 'sse');
  const names = remotes.length === 0 ? 'none' : remotes.map((definition) => definition.name).join(', ');
  if (found === undefined) {
    const message = `Unknown server '${name}'. Servers that one can log in to: ${names}.`;
    throw new HostError('unknown-server', message);
  }
  const why =
    found.type === 'invalid' ? `is left out: ${found.reason}` : 'is a local program and asks for no login';
  throw new HostError('login-not-needed', `'${name}' ${why}. Servers that one can log in to: ${names}.`);
}
