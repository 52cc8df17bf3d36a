/** The foreign servers connected at once through the registry, each called once. */
import { join } from 'node:path';

import type { StdioDefinition } from '../../src/config/server-definition.ts';
import { packageVersion } from '../../src/config/package-version.ts';
import { type CallOutcome, openRegistry, type Registry } from '../../src/registry/index.ts';
import { printTable } from '../report.ts';
import { folderOf, type NamedProgram } from './foreign-programs.ts';
import { FOREIGN_SERVERS, type ForeignServer } from './servers.ts';

interface Row {
  readonly server: ForeignServer;
  readonly era: string;
  readonly toolCount: number;
  readonly connectMs: number | undefined;
  readonly callMs: number;
  readonly outcome: string;
}

/** False where one fails. */
export async function callDirectly(folder: string, programs: readonly NamedProgram[]): Promise<boolean> {
  const log: string[] = [];
  await using registry = await openRegistry({
    servers: programs.map(definitionOf),
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
    FOREIGN_SERVERS.map((server) => check(registry, server, folderOf(folder, server))),
  );
  const answered = rows.filter((row) => row.outcome === 'ok');

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
  console.log(`\n${answered.length} of ${rows.length} answered their call`);
  return answered.length === rows.length;
}

function definitionOf({ name, command, args, env, cwd }: NamedProgram): StdioDefinition {
  return {
    name,
    type: 'stdio',
    command,
    args: [...args],
    env: { ...env },
    cwd,
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
