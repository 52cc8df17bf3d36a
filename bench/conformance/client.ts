/**
 * The client that the conformance suite runs for each of its scenarios: our registry in front of the suite's server, used
 * as a host uses it. The server's URL is the last argument; the scenario is in the environment. `npm run conformance` starts it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { packageVersion } from '../../src/config/package-version.ts';
import type { RemoteDefinition } from '../../src/config/server-definition.ts';
import { isJsonObject, type JsonObject } from '../../src/json.ts';
import { openRegistry, type Registry } from '../../src/registry/index.ts';
import { answerByDefaults, operationsOf } from './client-operations.ts';
import { consent } from './client-consent.ts';

const SERVER = 'server';
const MAX_LOGINS = 3;
/** The suite starts a process for each scenario, all at once, and ends those that take too long. */
const PATIENCE_MS = 60_000;
/** The document that the suite's authorization servers know. */
const CLIENT_METADATA_URL = 'https://conformance-test.local/client-metadata.json';

const scenario = process.env['MCP_CONFORMANCE_SCENARIO'] ?? '';
const context: unknown = JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}');
const homeFolder = mkdtempSync(join(tmpdir(), 'switchyard-conformance-client-'));
try {
  await run(process.argv.at(-1) ?? '', isJsonObject(context) ? context : {});
} finally {
  rmSync(homeFolder, { recursive: true, force: true, maxRetries: 3 });
}

async function run(url: string, given: JsonObject): Promise<void> {
  await using registry = await openRegistry({
    servers: [definitionOf(url, given)],
    homeFolder,
    clientInfo: { name: 'switchyard-conformance', version: packageVersion() },
    connectTimeoutMs: PATIENCE_MS,
    log: (entry) => {
      if (entry.level !== 'debug') process.stderr.write(`${JSON.stringify(entry)}\n`);
    },
  });
  let logins = 0;
  /** True where it is worth trying again. */
  const loggedIn = async (): Promise<boolean> => {
    if (++logins > MAX_LOGINS) return false;
    const result = await registry.login(SERVER, { onAuthorizationUrl: consent, timeoutMs: PATIENCE_MS });
    process.stderr.write(`${JSON.stringify(result)}\n`);
    return true;
  };
  await registry.ready();
  while (status(registry)?.loginDue === true && (await loggedIn())) await registry.ready();
  const failed = status(registry);
  if (failed?.state !== 'ready') process.stderr.write(`${failed?.reason ?? 'no server'}\n`);
  for (const operation of operationsOf(scenario, given, registry.catalog())) {
    let outcome = await operation(registry, { onInput: answerByDefaults, timeoutMs: PATIENCE_MS });
    while (outcome.type === 'tool-error' && isLoginDue(outcome.code) && (await loggedIn()))
      outcome = await operation(registry, { onInput: answerByDefaults, timeoutMs: PATIENCE_MS });
    process.stderr.write(`${JSON.stringify(outcome).slice(0, 500)}\n`);
  }
}

function definitionOf(url: string, given: JsonObject): RemoteDefinition {
  const { client_id: clientId, client_secret: clientSecret } = given;
  return {
    name: SERVER,
    type: 'http',
    url,
    headers: {},
    disabled: false,
    start: 'on-use',
    trust: 'none',
    timeoutMs: PATIENCE_MS,
    tools: {},
    oauth: {
      ...(typeof clientId === 'string' && { clientId }),
      ...(typeof clientSecret === 'string' && { clientSecret }),
      clientMetadataUrl: CLIENT_METADATA_URL,
    },
  };
}

function status(registry: Registry) {
  return registry.servers().find(({ name }) => name === SERVER);
}

function isLoginDue(code: string): boolean {
  return code === 'login-required' || code === 'insufficient-scope';
}
