/**
 * `npm run compat`: servers from npm that nobody here wrote are connected at once and called, and stand behind the gateway,
 * where what they list is compared with what they list themselves. Then the Inspector's command line goes before it.
 * Exits with 1 where anything fails or differs.
 */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { compareBehindGateway } from './compat/behind-gateway.ts';
import { callDirectly } from './compat/direct.ts';
import { foreignPrograms } from './compat/foreign-programs.ts';
import { serveProgram, startHttpGateway } from './compat/gateway.ts';
import { runInspector } from './compat/inspector.ts';
import { cacheFolder, install } from './compat/install.ts';
import { FOREIGN_SERVERS } from './compat/servers.ts';
import { printVersions } from './report.ts';

printVersions(['@modelcontextprotocol/client']);
await install(cacheFolder(), FOREIGN_SERVERS);
// Lower case only: mcp-obsidian looks for its folder under the lower-case form of the path.
const folder = join(tmpdir(), `switchyard-compat-work-${randomUUID()}`);
try {
  const programs = foreignPrograms(folder);
  const called = await callDirectly(folder, programs);
  await using http = await startHttpGateway(folder, programs);
  const equal = await compareBehindGateway(folder, programs, http.url);
  const inspected = await runInspector(folder, [
    { name: 'stdio', entry: { type: 'stdio', ...serveProgram(folder, programs, '--stdio') } },
    { name: 'HTTP', entry: { type: 'streamable-http', url: http.url } },
  ]);
  if (!called || !equal || !inspected) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
