/** Clients that are in use: on the SDK of the 2025 era, and of the revision before its last. */
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { StdioClientTransport as EarlierStdioTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, test } from 'vitest';

import { gatewayWorld, type World } from '../../../fixtures/gateway.ts';
import type { MatrixClient } from '../../../fixtures/matrix/client.ts';
import { earlierSdkClient } from '../../../fixtures/matrix/earlier-sdk-client.ts';
import { EARLIER_FEATURES, FEATURES, listed } from '../../../fixtures/matrix/features.ts';
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

const CLIENTS = [
  [
    'of the earlier SDK over stdio',
    FEATURES,
    () => earlierSdkClient(new EarlierStdioTransport(program(world))),
  ],
  [
    'of 2025-06-18 over stdio',
    EARLIER_FEATURES,
    () => sdkClient('2025-06-18', new StdioClientTransport(program(world))),
  ],
] as const;

describe.each(CLIENTS)('a client %s', (_name, features, connect) => {
  let client: MatrixClient;

  beforeAll(async () => {
    client = await connect();
    await listed(client);
  });

  afterAll(() => client[Symbol.asyncDispose]());

  describe.each(UPSTREAMS)('before a %s server', (upstream) => {
    test.each(features)('%s', (_feature, passes) => passes({ client, era: 'legacy', upstream }));
  });
});

function program({ args, env, work }: World) {
  return { command: process.execPath, args: [...args], env: { ...env }, cwd: work };
}
