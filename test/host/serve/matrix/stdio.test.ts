/** Clients of both eras over stdio, before servers of both eras over both transports: every feature in every cell. */
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, test } from 'vitest';

import { gatewayWorld, type World } from '../../../fixtures/gateway.ts';
import type { MatrixClient } from '../../../fixtures/matrix/client.ts';
import { featuresOf, listed } from '../../../fixtures/matrix/features.ts';
import { sdkClient } from '../../../fixtures/matrix/sdk-client.ts';
import { startUpstreams, UPSTREAMS, type Upstreams } from '../../../fixtures/matrix/upstreams.ts';

let upstreams: Upstreams;
let world: World;

beforeAll(async () => {
  upstreams = await startUpstreams();
  world = await gatewayWorld({ mcpServers: upstreams.entries });
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await upstreams[Symbol.asyncDispose]();
});

describe.each([
  ['modern', '2026-07-28'],
  ['legacy', '2025-11-25'],
] as const)('a %s client over stdio', (era, version) => {
  let client: MatrixClient;

  beforeAll(async () => {
    const { args, env, work } = world;
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [...args],
      env: { ...env },
      cwd: work,
    });
    client = await sdkClient(version, transport);
    await listed(client);
  });

  afterAll(() => client[Symbol.asyncDispose]());

  describe.each(UPSTREAMS)('before a %s server', (upstream) => {
    test.each(featuresOf(version, upstream))('%s', (_feature, passes) => passes({ client, era, upstream }));
  });
});
