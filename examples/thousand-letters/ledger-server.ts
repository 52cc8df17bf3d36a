/**
 * `node ledger-server.ts <file>`: an MCP server with a ledger in SQLite. It says of `record` that it takes an idempotency
 * key, and keeps that promise with a primary key: whoever sends a call again, from whatever process, adds no line.
 */
import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';

import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import * as z from 'zod';

const IDEMPOTENCY_KEY = 'io.switchyard/idempotency-key';

const ledger = new DatabaseSync(process.argv[2] ?? 'ledger.db', { timeout: 10_000 });
ledger.exec(`
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS lines (
    key TEXT PRIMARY KEY, letter INTEGER, kind TEXT, urgent INTEGER, sent INTEGER
  )`);
const append = ledger.prepare(`
  INSERT INTO lines VALUES (?, ?, ?, ?, 1) ON CONFLICT (key) DO UPDATE SET sent = sent + 1`);

serveStdio(() => {
  const server = new McpServer({ name: 'ledger', version: '1.0.0' });
  server.registerTool(
    'record',
    {
      description: 'Writes down what a letter is about.',
      inputSchema: z.object({ letter: z.int(), kind: z.string(), urgent: z.boolean() }),
      _meta: { [IDEMPOTENCY_KEY]: true },
    },
    ({ letter, kind, urgent }, { mcpReq }) => {
      const key = mcpReq._meta?.[IDEMPOTENCY_KEY];
      append.run(typeof key === 'string' ? key : randomUUID(), letter, kind, Number(urgent));
      return { content: [{ type: 'text', text: `Letter ${letter} is written down as ${kind}.` }] };
    },
  );
  return server;
});
