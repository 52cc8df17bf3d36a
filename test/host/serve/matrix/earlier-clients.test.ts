/** Clients that are in use: on the SDK of the 2025 era, and of the revision before its last. */
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { StdioClientTransport as EarlierStdioTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as EarlierHttpTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport as EarlierTransport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { afterAll, beforeAll, describe, test } from 'vitest';

import { type HttpGateway, httpGateway } from '../../../fixtures/http-gateway.ts';
import type { MatrixClient } from '../../../fixtures/matrix/client.ts';
import { earlierSdkClient } from '../../../fixtures/matrix/earlier-sdk-client.ts';
import { featuresOf, listed } from '../../../fixtures/matrix/features.ts';
import { sdkClient } from '../../../fixtures/matrix/sdk-client.ts';
import { startUpstreams, UPSTREAMS, type Upstreams } from '../../../fixtures/matrix/upstreams.ts';

let upstreams: Upstreams;
let gateway: HttpGateway;

beforeAll(async () => {
  upstreams = await startUpstreams();
  gateway = await httpGateway({ mcpServers: upstreams.entries });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstreams[Symbol.asyncDispose]();
});

const CLIENTS = [
  [
    'of the earlier SDK over stdio',
    '2025-11-25',
    () => earlierSdkClient(new EarlierStdioTransport(program())),
  ],
  ['of the earlier SDK over HTTP', '2025-11-25', () => earlierSdkClient(earlierHttpTransport())],
  [
    'of 2025-06-18 over stdio',
    '2025-06-18',
    () => sdkClient('2025-06-18', new StdioClientTransport(program())),
  ],
  [
    'of 2025-06-18 over HTTP',
    '2025-06-18',
    () => sdkClient('2025-06-18', new StreamableHTTPClientTransport(new URL(gateway.url))),
  ],
] as const;

describe.each(CLIENTS)('a client %s', (_name, version, connect) => {
  let client: MatrixClient;

  beforeAll(async () => {
    client = await connect();
    await listed(client);
  });

  afterAll(() => client[Symbol.asyncDispose]());

  describe.each(UPSTREAMS)('before a %s server', (upstream) => {
    test.each(featuresOf(version, upstream))('%s', (_feature, passes) =>
      passes({ client, era: 'legacy', upstream }),
    );
  });
});

/** A gateway of its own, with the same servers behind it. */
function program() {
  const { args, env, work } = gateway.world;
  return { command: process.execPath, args: [...args], env: { ...env }, cwd: work };
}

function earlierHttpTransport(): EarlierTransport {
  // Its own type does not fit the interface that it implements, where absent and undefined are two things.
  return new EarlierHttpTransport(new URL(gateway.url)) as EarlierTransport;
}
