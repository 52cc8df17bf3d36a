/**
 * The same steps in Restate: server and SDK as they come from npm, with their defaults, everything on loopback. A process of
 * its own: `restate.ts <folder> <folder with node_modules>`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

import type { Json } from '../../src/json.ts';
import { tell } from './child.ts';
import type { StepTimes } from './one-step.ts';
import { smallResult } from './workflows.ts';

/** What is used of its SDK, which is no dependency of ours. */
interface RestateSdk {
  service(definition: {
    readonly name: string;
    readonly handlers: Readonly<Record<string, (context: RestateContext, input: Json) => Promise<Json>>>;
  }): unknown;
  serve(options: {
    readonly services: readonly unknown[];
    readonly port: number;
    readonly logger: () => void;
  }): Promise<number>;
}

interface RestateContext {
  run(name: string, work: () => Promise<Json>): Promise<Json>;
}

const COUNT = 1_000;
const WARM_UP = 200;
const START_MS = 20_000;

const [folder = '', peers = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const require = createRequire(join(peers, 'peers.js'));
const sdk = (await import(pathToFileURL(require.resolve('@restatedev/restate-sdk')).href)) as RestateSdk;

const ms: number[] = [];
const steps = sdk.service({
  name: 'steps',
  handlers: {
    async work(context) {
      for (let step = 0; step < WARM_UP + COUNT; step += 1) {
        const started = performance.now();
        await context.run('work', async () => {
          await nextTurn();
          return smallResult(step);
        });
        if (step >= WARM_UP) ms.push(performance.now() - started);
      }
      return null;
    },
  },
});
const [service, ingress, admin, node] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
await sdk.serve({ services: [steps], port: service, logger: () => undefined });
const server = spawn(serverFile(), ['--no-logo', '--base-dir', folder], {
  stdio: 'ignore',
  env: {
    ...process.env,
    RESTATE_DISABLE_TELEMETRY: 'true',
    RESTATE_LISTEN_MODE: 'tcp',
    RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
    RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}`,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
  },
});
try {
  await post(`http://127.0.0.1:${admin}/deployments`, { uri: `http://127.0.0.1:${service}` });
  await post(`http://127.0.0.1:${ingress}/steps/work`, null);
  tell({ ms } satisfies StepTimes);
} finally {
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
}
// Its connections stay open otherwise.
process.exit();

function serverFile(): string {
  const name = `@restatedev/restate-server-${process.platform}-${process.arch}`;
  // Beside the package that depends on it, wherever npm put it.
  const ofServer = createRequire(require.resolve('@restatedev/restate-server/package.json'));
  return ofServer.resolve(`${name}/bin/restate-server`);
}

/** Again until it is up. */
async function post(url: string, body: Json): Promise<void> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }).catch((error: unknown) => error as Error);
    if (answer instanceof Response && answer.ok) return;
    if (performance.now() > deadline)
      throw new Error(`${url}: ${answer instanceof Response ? await answer.text() : answer.message}`);
    await delay(50);
  }
}

async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}
