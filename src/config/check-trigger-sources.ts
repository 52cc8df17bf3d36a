/**
 * What the schema cannot say of the sources of triggers: a webhook without a secret is for programs of this machine and for
 * nobody else, and a resource belongs to a server that is there.
 */
import { isLoopbackHost } from '../loopback.ts';
import type { JsonDocument } from './json-document.ts';
import { configInvalid, didYouMean, nearestName, placed, type UnplacedProblem } from './problem.ts';
import type { TriggerConfig } from './trigger-config.ts';
import { DEFAULT_WEBHOOKS, type WebhooksSettings } from './webhooks-settings.ts';

interface Written {
  readonly mcpServers?: Readonly<Record<string, unknown>>;
  readonly triggers?: Readonly<Record<string, TriggerConfig>>;
  readonly webhooks?: Partial<WebhooksSettings>;
}

/** Throws HostError `config-invalid`. */
export function checkTriggerSources(
  file: string,
  { mcpServers = {}, triggers = {}, webhooks: { host = DEFAULT_WEBHOOKS.host } = {} }: Written,
  document: JsonDocument,
): void {
  const problems = Object.entries(triggers).flatMap(([name, { webhook, resource }]): UnplacedProblem[] => [
    ...(webhook?.unsigned === true ? unsignedProblems(name, host) : []),
    ...(resource?.server === undefined ? [] : serverProblems(name, resource.server, Object.keys(mcpServers))),
  ]);
  if (problems.length > 0)
    throw configInvalid(
      file,
      problems.map((problem) => placed(problem, document)),
    );
}

function unsignedProblems(trigger: string, host: string): UnplacedProblem[] {
  if (isLoopbackHost(host)) return [];
  const message = `expected a 'secret': webhooks.host is ${host}, which other machines reach`;
  return [{ path: ['triggers', trigger, 'webhook', 'unsigned'], message }];
}

function serverProblems(trigger: string, server: string, known: readonly string[]): UnplacedProblem[] {
  if (known.includes(server)) return [];
  const nearest = nearestName(server, known);
  const there = known.length === 0 ? 'There is none' : `There are ${known.join(', ')}`;
  return [
    {
      path: ['triggers', trigger, 'resource', 'server'],
      message: `there is no server '${server}'. ${there}.${didYouMean(nearest)}`,
      found: server,
      ...(nearest === undefined ? {} : { nearest }),
    },
  ];
}
