/** The secrets that this process knows by value: from its environment and its config. */
import type { Config } from '../../config/config.ts';
import type { Environment } from '../../config/environment.ts';
import { candidatesOf } from '../../config/model-entry.ts';
import type { ServerDefinition } from '../../config/server-definition.ts';
import { namesSecret } from './names.ts';

/** Below this a value is too common to be masked wherever it occurs; its key or shape must give it away. */
const MIN_LENGTH = 6;

export function knownSecrets(
  config: Pick<Config, 'servers' | 'models' | 'triggers'>,
  env: Environment,
): string[] {
  const webhooks = Object.values(config.triggers).flatMap(({ webhook }) => [webhook?.secret ?? []].flat(2));
  const found = [
    ...environmentSecrets(env),
    ...config.servers.flatMap(serverSecrets),
    ...modelSecrets(config.models),
    ...webhooks,
  ];
  return [...new Set(found.map((secret) => secret.trim()).filter((secret) => secret.length >= MIN_LENGTH))];
}

/** Those of models that a program names itself are learned by this. */
export function modelSecrets(models: Config['models']): string[] {
  return Object.values(models)
    .flatMap(candidatesOf)
    .flatMap(({ apiKey, headers = {} }) => [
      ...(apiKey === undefined ? [] : [apiKey]),
      ...headerSecrets(headers),
    ]);
}

function environmentSecrets(env: Environment): string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && namesSecret(name) && !isPath(value) ? [value] : [],
  );
}

function serverSecrets(server: ServerDefinition): string[] {
  switch (server.type) {
    case 'stdio':
      return [...Object.entries(server.env).flatMap(variableSecrets), ...argumentSecrets(server.args)];
    case 'http':
    case 'sse':
      return [
        ...headerSecrets(server.headers),
        ...urlSecrets(server.url),
        ...(server.oauth?.clientSecret === undefined ? [] : [server.oauth.clientSecret]),
      ];
    case 'invalid':
      return [];
    default:
      return server satisfies never;
  }
}

/** What a config gives a server in its environment is a secret unless it is plainly a path, a word or a number. */
function variableSecrets([name, value]: readonly [string, string]): string[] {
  if (name === 'SWITCHYARD_HOME') return [];
  if (namesSecret(name)) return isPath(value) ? [] : [value];
  return isPath(value) || /^[A-Za-z]+$|^[\d.,:]+$/.test(value) || /^https?:\/\/[^@?]*$/.test(value)
    ? []
    : [value];
}

const PLAIN_HEADERS = new Set('accept accept-language accept-encoding content-type user-agent'.split(' '));

function headerSecrets(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (PLAIN_HEADERS.has(name.toLowerCase())) return [];
    const [, credentials] = /^[A-Za-z]+\s+(\S.*)$/.exec(value) ?? [];
    return credentials === undefined ? [value] : [value, credentials];
  });
}

/** `--token abc` and `--api-key=abc` */
function argumentSecrets(args: readonly string[]): string[] {
  return args.flatMap((argument, index) => {
    const [, flag = '', value] = /^--?([\w-]+)(?:=(.*))?$/s.exec(argument) ?? [];
    if (!namesSecret(flag)) return [];
    const secret = value ?? args[index + 1];
    return secret === undefined || secret.startsWith('--') ? [] : [secret];
  });
}

function urlSecrets(text: string): string[] {
  const url = URL.parse(text);
  if (url === null) return [];
  const parameters = [...url.searchParams].flatMap(([name, value]) =>
    namesSecret(name) || name === 'key' ? [value] : [],
  );
  return [decodeURIComponent(url.password), decodeURIComponent(url.username), ...parameters];
}

function isPath(value: string): boolean {
  return /^(?:\/|~\/|\.{1,2}\/|[A-Za-z]:\\)/.test(value);
}
