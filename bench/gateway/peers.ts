/** Other gateways, pinned, in their own words for "this stdio server over HTTP". */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { messageOf } from '../../src/errors.ts';
import { cacheFolder, entryScript, install } from '../compat/install.ts';
import { freePort } from './processes.ts';
import { startHttp, startSse } from './start-target.ts';
import type { RunningTarget, Target } from './target.ts';
import { upstream, upstreams } from './upstream.ts';

const FOLDER = join(cacheFolder(), 'gateway-peers');
const PYTHON = join(FOLDER, 'python');
const NPM = [
  { package: 'mcp-proxy', version: '6.7.19' },
  { package: 'supergateway', version: '4.0.0' },
  { package: 'mcp-hub', version: '4.2.1' },
] as const;
const PYPI = { package: 'mcp-proxy', version: '0.13.0' } as const;

export interface Peer extends Target {
  /** With so many upstreams; absent where it can have only one. */
  readonly startWith?: (upstreams: number) => Promise<RunningTarget>;
}

/** Those that could be installed; a line says why another could not. */
export async function installPeers(folder: string): Promise<readonly Peer[]> {
  return [...(await fromNpm(folder)), ...fromPyPi()];
}

async function fromNpm(folder: string): Promise<readonly Peer[]> {
  try {
    await install(FOLDER, NPM);
  } catch (error) {
    console.log(`Skipped, the peers from npm: ${messageOf(error)}`);
    return [];
  }
  const [mcpProxy, supergateway, mcpHub] = NPM.map((peer) => entryScript(FOLDER, peer));
  const node = (script: string | undefined, args: readonly string[]) => ({
    command: process.execPath,
    args: [script ?? '', ...args],
  });
  const echo = upstream();
  const hub = async (count: number): Promise<RunningTarget> => {
    const port = await freePort();
    const config = join(folder, `mcp-hub-${count}.json`);
    writeFileSync(config, JSON.stringify({ mcpServers: upstreams(count) }));
    const command = node(mcpHub, ['--port', String(port), '--config', config]);
    return startSse(
      { ...command, env: { XDG_STATE_HOME: folder }, upstreams: count },
      `http://127.0.0.1:${port}/mcp`,
    );
  };
  return [
    {
      name: nameOf(NPM[0]),
      kind: 'peer',
      async start() {
        const port = await freePort();
        const options = ['--host', '127.0.0.1', '--port', String(port), '--server', 'stream', '--'];
        const command = node(mcpProxy, [...options, echo.command, ...echo.args]);
        return startHttp(command, () => `http://127.0.0.1:${port}/mcp`);
      },
    },
    {
      name: nameOf(NPM[1]),
      kind: 'peer',
      async start() {
        const port = await freePort();
        const command = node(supergateway, [
          '--stdio',
          [echo.command, ...echo.args].join(' '),
          '--outputTransport',
          'streamableHttp',
          '--stateful',
          '--logLevel',
          'none',
          '--port',
          String(port),
        ]);
        return startHttp(command, () => `http://127.0.0.1:${port}/mcp`);
      },
    },
    { name: `${nameOf(NPM[2])} (SSE)`, kind: 'peer', start: () => hub(1), startWith: hub },
  ];
}

function fromPyPi(): readonly Peer[] {
  const program = join(PYTHON, 'bin', 'mcp-proxy');
  const problem = existsSync(program) ? undefined : installFromPyPi();
  if (problem !== undefined) {
    console.log(`Skipped, ${PYPI.package} ${PYPI.version} from PyPI: ${problem}`);
    return [];
  }
  const echo = upstream();
  return [
    {
      name: `${nameOf(PYPI)} (PyPI)`,
      kind: 'peer',
      async start() {
        const port = await freePort();
        const args = ['--port', String(port), '--log-level', 'ERROR', echo.command, '--', ...echo.args];
        return startHttp({ command: program, args }, () => `http://127.0.0.1:${port}/mcp`);
      },
    },
  ];
}

/** Undefined where it is there afterwards, else why not. */
function installFromPyPi(): string | undefined {
  const wanted = `${PYPI.package}==${PYPI.version}`;
  console.log(`Installing ${wanted} into ${PYTHON}`);
  const steps = [
    ['python3', '-m', 'venv', PYTHON],
    [join(PYTHON, 'bin', 'pip'), 'install', '-q', '--disable-pip-version-check', wanted],
  ];
  for (const [command = '', ...args] of steps) {
    const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
    if (error !== undefined) return error.message;
    if (status !== 0) return stderr.trim().split('\n').at(-1) ?? `${command} ended with ${status}`;
  }
  return undefined;
}

function nameOf(peer: { readonly package: string; readonly version: string }): string {
  return `${peer.package} ${peer.version}`;
}
