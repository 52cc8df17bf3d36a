/** Clients of both SDKs as they come, over both transports; nothing about time is set. */
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport as TransportV1 } from '@modelcontextprotocol/sdk/shared/transport.js';

import type { JsonObject } from '../../src/json.ts';
import type { World } from '../../test/fixtures/gateway.ts';

export type Sdk = 'v1' | 'v2';
/** A server that clients share, or one that each starts for itself. */
export type Way = { readonly url: string } | { readonly world: World };

export interface BenchClient {
  call(name: string, args: JsonObject, onProgress: (message: string) => void): Promise<unknown>;
  close(): Promise<void>;
}

export async function connect(sdk: Sdk, way: Way): Promise<BenchClient> {
  return sdk === 'v1' ? connectV1(way) : connectV2(way);
}

async function connectV1(way: Way): Promise<BenchClient> {
  const client = new ClientV1({ name: 'sdk-v1', version: '1.0.0' });
  const transport = 'url' in way ? new HttpV1(new URL(way.url)) : new StdioV1(launch(way.world));
  // Its declarations are not made for exactOptionalPropertyTypes.
  await client.connect(transport as TransportV1);
  return {
    call: (name, args, onProgress) =>
      client.callTool({ name, arguments: args }, undefined, {
        onprogress: ({ message }) => onProgress(message ?? ''),
      }),
    close: () => client.close(),
  };
}

async function connectV2(way: Way): Promise<BenchClient> {
  const client = new ClientV2(
    { name: 'sdk-v2', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  await client.connect('url' in way ? new HttpV2(new URL(way.url)) : new StdioV2(launch(way.world)));
  return {
    call: (name, args, onProgress) =>
      client.callTool({ name, arguments: args }, { onprogress: ({ message }) => onProgress(message ?? '') }),
    close: () => client.close(),
  };
}

function launch({ args, env, work }: World): ConstructorParameters<typeof StdioV2>[0] {
  return { command: process.execPath, args: [...args], env: { ...env }, cwd: work, stderr: 'ignore' };
}
