/**
 * Clients of both eras over HTTP, all before one gateway, before servers of both eras over both transports: every feature in
 * every cell.
 */
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, test } from 'vitest';

import { type HttpGateway, httpGateway } from '../../../fixtures/http-gateway.ts';
import type { MatrixClient } from '../../../fixtures/matrix/client.ts';
import { featuresOf, listed } from '../../../fixtures/matrix/features.ts';
import { sdkClient } from '../../../fixtures/matrix/sdk-client.ts';
import { startUpstreams, UPSTREAMS, type Upstreams } from '../../../fixtures/matrix/upstreams.ts';

const VERSIONS = { modern: '2026-07-28', legacy: '2025-11-25' } as const;

/** One connection to each server for all clients, and one for each of their sessions. */
describe.each(['shared', 'session'] as const)('isolation: %s', (isolation) => {
  let upstreams: Upstreams;
  let gateway: HttpGateway;
  let clients: Readonly<Record<'modern' | 'legacy', MatrixClient>>;

  beforeAll(async () => {
    upstreams = await startUpstreams({ isolation });
    gateway = await httpGateway({ mcpServers: upstreams.entries });
    const connect = async (version: string): Promise<MatrixClient> =>
      listed(await sdkClient(version, new StreamableHTTPClientTransport(new URL(gateway.url))));
    clients = { modern: await connect(VERSIONS.modern), legacy: await connect(VERSIONS.legacy) };
  });

  afterAll(async () => {
    for (const client of Object.values(clients)) await client[Symbol.asyncDispose]();
    await gateway[Symbol.asyncDispose]();
    await upstreams[Symbol.asyncDispose]();
  });

  describe.each(['legacy', 'modern'] as const)('a %s client over HTTP', (era) => {
    describe.each(UPSTREAMS)('before a %s server', (upstream) => {
      test.each(featuresOf(VERSIONS[era], upstream))('%s', (_feature, passes) =>
        passes({ client: clients[era], era, upstream }),
      );
    });
  });
});
