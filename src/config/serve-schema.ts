/** The part of the schema that describes the host as one MCP server. */
import { z } from 'zod';

import { count, durationMs } from './schema-parts.ts';
import { DEFAULT_SERVE } from './serve-settings.ts';

const { detachAfterMs, http } = DEFAULT_SERVE;

const httpSchema = z.strictObject({
  host: z.string().min(1).exactOptional().meta({
    description: 'The address to listen on. Any but a loopback one needs `switchyard tokens add`.',
    default: http.host,
  }),
  port: z.int().min(0).max(65_535).exactOptional().meta({
    description: 'The port; 0 is any free one.',
    default: http.port,
  }),
  allowedHosts: z.array(z.string().min(1)).exactOptional().meta({
    description: 'Names by which clients may reach it besides loopback ones, as in their `Host` header.',
    default: [],
  }),
  allowedOrigins: z.array(z.string().min(1)).exactOptional().meta({
    description:
      'Origins of web pages that may reach it besides loopback ones, such as `https://app.example.com`.',
    default: [],
  }),
  maxSessions: count().exactOptional().meta({
    description: 'Sessions of clients of the 2025 era that are open at once.',
    default: http.maxSessions,
  }),
  idleMinutes: z.number().positive().max(10_080).exactOptional().meta({
    description: 'A session that is not used for so long ends.',
    default: http.idleMinutes,
  }),
  maxBodyBytes: z.int().min(1_024).exactOptional().meta({
    description: 'The largest request.',
    default: http.maxBodyBytes,
  }),
  requestsPerMinute: count().exactOptional().meta({
    description: 'Requests of one client; more are refused until the minute is over.',
    default: http.requestsPerMinute,
  }),
});

export const serveSchema = z.strictObject({
  detachAfterMs: durationMs().min(1_000).exactOptional().meta({
    description:
      'How long `switchyard__ask` and `switchyard__run_wait` keep a client waiting; then they answer with the id of the run, which goes on.',
    default: detachAfterMs,
  }),
  workflows: z.array(z.string().min(1)).exactOptional().meta({
    description:
      'The workflows that clients have as tools. By default those that have a `description`; an empty list is none.',
  }),
  http: httpSchema.exactOptional().meta({ description: '`serve --http`.' }),
});
