/**
 * `npm run compat`: servers from npm that nobody here wrote are connected at once through the registry, listed, and
 * called. Exits with 1 where one of them fails.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { StdioDefinition } from '../src/config/server-definition.ts';
import { packageVersion } from '../src/config/package-version.ts';
import { type CallOutcome, openRegistry, type Registry } from '../src/registry/index.ts';
import { cacheFolder, entryScript, install } from './compat/install.ts';
import { ESLINT_CONFIG, FOREIGN_SERVERS, type ForeignServer, NOTE, SCRIPT } from './compat/servers.ts';
import { printTable, printVersions } from './report.ts';

interface Row {
  readonly server: ForeignServer;
  readonly era: string;
  readonly toolCount: number;
  readonly connectMs: number | undefined;
  readonly callMs: number;
  readonly outcome: string;
}

printVersions(['@modelcontextprotocol/client']);
await install(cacheFolder(), FOREIGN_SERVERS);
// Lower case only: mcp-obsidian looks for its folder under the lower-case form of the path.
const workFolder = join(tmpdir(), `switchyard-compat-work-${randomUUID()}`);
try {
  await run(workFolder);
} finally {
  rmSync(workFolder, { recursive: true, force: true, maxRetries: 3 });
}

async function run(folder: string): Promise<void> {
  for (const server of FOREIGN_SERVERS) prepareFolder(join(folder, server.name));
  const log: string[] = [];
  await using registry = await openRegistry({
    servers: FOREIGN_SERVERS.map((server) => definitionOf(server, join(folder, server.name))),
    homeFolder: join(folder, 'home'),
    clientInfo: { name: 'switchyard', version: packageVersion() },
    log: ({ level, event, server, fields }) => {
      if (level === 'error' || level === 'warn')
        log.push(`${server ?? ''}: ${event} ${JSON.stringify(fields ?? {})}`);
    },
  });
  const started = performance.now();
  await registry.ready({ fresh: true });
  const readyMs = performance.now() - started;
  const rows = await Promise.all(
    FOREIGN_SERVERS.map((server) => check(registry, server, join(folder, server.name))),
  );
  const failed = rows.filter((row) => row.outcome !== 'ok');

  console.log(`\n${rows.length} servers connected and listed at once in ${readyMs.toFixed(0)} ms\n`);
  printTable(
    ['server', 'package', 'version', 'era', 'tools', 'connect ms', 'call', 'call ms', 'outcome'],
    rows.map((row) => [
      row.server.name,
      row.server.package,
      row.server.version,
      row.era,
      row.toolCount,
      row.connectMs?.toFixed(0) ?? '-',
      row.server.tool,
      row.callMs.toFixed(1),
      row.outcome,
    ]),
  );
  if (log.length > 0) console.log(`\n${log.join('\n')}`);
  console.log(`\n${rows.length - failed.length} of ${rows.length} answered their call`);
  if (failed.length > 0) process.exitCode = 1;
}

function prepareFolder(folder: string): void {
  mkdirSync(join(folder, 'repository'), { recursive: true });
  for (const { file, text } of [NOTE, SCRIPT, ESLINT_CONFIG]) writeFileSync(join(folder, file), text);
}

function definitionOf(server: ForeignServer, folder: string): StdioDefinition {
  return {
    name: server.name,
    type: 'stdio',
    command: process.execPath,
    args: [entryScript(cacheFolder(), server), ...(server.args?.(folder) ?? [])],
    env: server.env?.(folder) ?? {},
    cwd: folder,
    disabled: false,
    start: 'on-use',
    trust: 'none',
    timeoutMs: 30_000,
    tools: {},
  };
}

async function check(registry: Registry, server: ForeignServer, folder: string): Promise<Row> {
  const status = registry.servers().find(({ name }) => name === server.name);
  const entry = registry
    .catalog()
    .tools.find((tool) => tool.server === server.name && tool.definition.name === server.tool);
  const started = performance.now();
  const outcome =
    entry === undefined
      ? (status?.reason ?? `it lists no tool '${server.tool}'`)
      : verdict(server, await registry.call(entry.name, server.arguments(folder), {}));
  return {
    server,
    era: [status?.era, status?.protocolVersion].filter((word) => word !== undefined).join(' ') || '-',
    toolCount: status?.counts.tools ?? 0,
    connectMs: status?.connectMs,
    callMs: performance.now() - started,
    outcome,
  };
}

function verdict(server: ForeignServer, outcome: CallOutcome): string {
  if (outcome.type === 'complete') {
    const answer = JSON.stringify(outcome.result['content'] ?? '').replaceAll('\\"', '"');
    return server.answers.test(answer) ? 'ok' : `unexpected answer: ${answer.slice(0, 200)}`;
  }
  return `${outcome.type}: ${outcome.type === 'input-required' ? '' : outcome.message.slice(0, 300)}`;
}
