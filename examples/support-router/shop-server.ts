/** `node shop-server.ts <file>`: an MCP server with the orders of a lamp shop, and its refunds in SQLite. */
import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';

import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import * as z from 'zod';

const IDEMPOTENCY_KEY = 'io.switchyard/idempotency-key';

const ABOUT =
  'Open from Tuesday to Saturday, 10 to 18 o’clock. Delivery takes three days and costs 4.50 euro.';
const FAULTS = new Map([
  ['reading lamp', 'Of those sold in May the switch breaks after some weeks. It cannot be repaired.'],
]);
const ORDERS = new Map([
  [4711, { lamp: 'reading lamp', paidEuro: 39.9, sold: '2026-05-12' }],
  [4712, { lamp: 'chandelier', paidEuro: 480, sold: '2026-06-02' }],
]);

const database = new DatabaseSync(process.argv[2] ?? 'shop.db', { timeout: 10_000 });
database.exec(`
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS refunds (key TEXT PRIMARY KEY, "order" INTEGER, amount_euro REAL)`);
const refund = database.prepare('INSERT OR IGNORE INTO refunds VALUES (?, ?, ?)');

const ORDER = z.int().describe('The number of the order.');
const READ_ONLY = { readOnlyHint: true };
const say = (text: string) => ({ content: [{ type: 'text' as const, text }] });

serveStdio(() => {
  const server = new McpServer({ name: 'shop', version: '1.0.0' });
  server.registerTool(
    'about',
    { description: 'What the shop says of itself.', inputSchema: z.object({}), annotations: READ_ONLY },
    () => say(ABOUT),
  );
  server.registerTool(
    'find_order',
    {
      description: 'What was ordered and paid.',
      inputSchema: z.object({ order: ORDER }),
      annotations: READ_ONLY,
    },
    ({ order }) => say(JSON.stringify(ORDERS.get(order) ?? 'There is no such order.')),
  );
  server.registerTool(
    'known_faults',
    {
      description: 'What is known of a lamp that does not work.',
      inputSchema: z.object({ lamp: z.string() }),
      annotations: READ_ONLY,
    },
    ({ lamp }) => say(FAULTS.get(lamp) ?? 'Nothing is known.'),
  );
  server.registerTool(
    'refund',
    {
      title: 'Refund',
      description: 'Pays money back to the customer.',
      inputSchema: z.object({ order: ORDER, amountEuro: z.number().positive() }),
      annotations: { destructiveHint: true },
      _meta: { [IDEMPOTENCY_KEY]: true },
    },
    ({ order, amountEuro }, { mcpReq }) => {
      const key = mcpReq._meta?.[IDEMPOTENCY_KEY];
      refund.run(typeof key === 'string' ? key : randomUUID(), order, amountEuro);
      return say(`${amountEuro} euro are on their way for order ${order}.`);
    },
  );
  return server;
});
