/** Clients of both SDKs and both eras before `serve --http`, servers of both eras behind it. */
import { join } from 'node:path';

import type { Client } from '@modelcontextprotocol/client';
import { Client as EarlierClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as EarlierTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { connectHttp, httpGateway, type HttpGateway } from '../../../fixtures/http-gateway.ts';
import type { JsonObject } from '../../../../src/json.ts';

let gateway: HttpGateway;

function server(fixture: string, ...args: string[]): JsonObject {
  const file = join(import.meta.dirname, `../../../fixtures/mcp/${fixture}.ts`);
  return { command: process.execPath, args: [file, ...args] };
}

beforeAll(async () => {
  gateway = await httpGateway({
    mcpServers: {
      modern: server('everything'),
      legacy: server('everything', '--legacy'),
      asks: server('asking'),
      asks_by_requests: server('asking', '--legacy'),
    },
  });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

const textOf = (result: unknown): string =>
  ((result as { content: { text: string }[] }).content.map(({ text }) => text) ?? []).join('\n');

function answering(client: Client): void {
  client.setRequestHandler('elicitation/create', () => ({
    action: 'accept' as const,
    content: { colour: 'green' },
  }));
}

describe.each(['modern', 'legacy'] as const)('for a %s client', (era) => {
  describe.each(['modern', 'legacy'])('in front of a %s server', (name) => {
    test('lists tools, calls them, and passes errors', async () => {
      await using connected = await connectHttp(gateway, era);
      const { client } = connected;
      expect(client.getProtocolEra()).toBe(era);
      const { tools } = await client.listTools();
      expect(tools.map((tool) => tool.name)).toContain(`${name}__add`);
      const sum = await client.callTool({ name: `${name}__add`, arguments: { a: 1, b: 2 } });
      expect(sum).toMatchObject({ structuredContent: { sum: 3 } });
      const failed = await client.callTool({ name: `${name}__fail`, arguments: {} });
      expect(failed).toMatchObject({ isError: true, content: [{ text: 'The disk is full.' }] });
      await expect(client.callTool({ name: `${name}__nothing`, arguments: {} })).rejects.toMatchObject({
        code: -32602,
      });
    });

    test('answers what a server asks meanwhile', async () => {
      const tool = name === 'modern' ? 'asks__form' : 'asks_by_requests__form';
      await using connected = await connectHttp(gateway, era, {
        capabilities: { elicitation: { form: {} } },
        prepare: answering,
      });
      const { client } = connected;
      await client.listTools();
      expect(textOf(await client.callTool({ name: tool, arguments: {} }))).toContain('"colour":"green"');
    });
  });
});

test('a client of the earlier SDK lists, calls, answers a question, and ends its session', async () => {
  const client = new EarlierClient(
    { name: 'earlier', version: '1.0.0' },
    { capabilities: { elicitation: {} } },
  );
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { colour: 'blue' } }));
  const transport = new EarlierTransport(new URL(gateway.url));
  // Its own types do not allow an undefined session id under exactOptionalPropertyTypes.
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain('modern__add');
  expect(await client.callTool({ name: 'legacy__add', arguments: { a: 2, b: 2 } })).toMatchObject({
    structuredContent: { sum: 4 },
  });
  const asked = await client.callTool({ name: 'asks_by_requests__form', arguments: {} });
  expect(textOf(asked)).toContain('"colour":"blue"');
  await transport.terminateSession();
  await client.close();
});
