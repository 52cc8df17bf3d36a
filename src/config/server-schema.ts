/** The part of the schema that describes servers. Loose: pasted entries carry other clients' keys (foreign-keys.ts). */
import { z } from 'zod';

import { idempotencyKeysSchema, uncertainSchema } from './effects-schema.ts';
import { durationMs, path } from './schema-parts.ts';
import { BUILTIN_NAMES } from './server-definition.ts';

const oauthSchema = z
  .looseObject({
    clientId: z.string().min(1).exactOptional().meta({
      description:
        'Of a client that was registered by hand. By default one is made or named as the server allows.',
    }),
    clientSecret: z
      .string()
      .min(1)
      .exactOptional()
      .meta({ description: 'Its secret; better the name of a variable than the secret itself.' }),
    clientMetadataUrl: z
      .url({ protocol: /^https$/, error: 'an https URL' })
      .exactOptional()
      .meta({ description: 'Where a document describes the client; its URL is the name of the client.' }),
    scopes: z.array(z.string().min(1)).exactOptional().meta({
      description: 'What to ask for. By default what the server says that it needs.',
    }),
    redirectPort: z.int().min(1).max(65_535).exactOptional().meta({
      description: 'Where the browser comes back to on this machine. By default any free port.',
    }),
  })
  .meta({ description: 'How `login` makes itself known to the server.' });

const commonEntry = {
  disabled: z.boolean().exactOptional().meta({ description: 'Leaves the server out.', default: false }),
  start: z.enum(['on-use', 'at-start']).exactOptional().meta({
    description: 'When it is connected: at the first call that needs it, or as the program starts.',
    default: 'on-use',
  }),
  trust: z
    .enum(['annotations', 'none'])
    .exactOptional()
    .meta({
      description:
        'Whether its own statements about its tools (read-only, idempotent) are believed. ' +
        'Built-in and `command` servers: `annotations`; `url` servers: `none`.',
    }),
  timeoutMs: durationMs().exactOptional().meta({
    description: 'The longest wait for an answer; each progress message starts it afresh.',
    default: 60_000,
  }),
  tools: z
    .strictObject({
      allow: z
        .array(z.string())
        .exactOptional()
        .meta({ description: 'Only tools that match one of these globs.' }),
      deny: z
        .array(z.string())
        .exactOptional()
        .meta({ description: 'No tool that matches one of these globs.' }),
    })
    .exactOptional()
    .meta({ description: 'Which of its tools are offered, by the names that the server gives them.' }),
  uncertain: uncertainSchema.exactOptional(),
  idempotencyKeys: idempotencyKeysSchema.exactOptional(),
  isolation: z.enum(['shared', 'session']).exactOptional().meta({
    description:
      'Whether all clients of the gateway share one connection, and one process, or each session of a client has its own.',
    default: 'shared',
  }),
  alias: z.string().exactOptional().meta({ description: 'The name to use in place of the key.' }),
};

export const commandEntrySchema = z
  .looseObject({
    type: z.literal('stdio').exactOptional().meta({ description: 'It may be said, and need not be.' }),
    command: z
      .string()
      .min(1)
      .meta({ description: 'The program that is the server; it speaks MCP on stdin and stdout.' }),
    args: z.array(z.string()).exactOptional().meta({ description: 'Its arguments.', default: [] }),
    env: variables(),
    cwd: path().exactOptional().meta({
      description: "The folder it runs in, relative to the config's. By default the config's folder.",
    }),
    ...commonEntry,
  })
  .meta({ title: 'A server that is a local program' });

export const urlEntrySchema = z
  .looseObject({
    type: z.enum(['http', 'sse']).exactOptional().meta({
      description: '`http` is streamable HTTP and falls back to legacy SSE; `sse` is legacy SSE only.',
      default: 'http',
    }),
    url: z.string().min(1).meta({ description: 'Where the server answers.' }),
    headers: z
      .record(z.string(), z.string())
      .exactOptional()
      .meta({ description: 'Sent with every request.', default: {} }),
    oauth: oauthSchema.exactOptional(),
    ...commonEntry,
  })
  .meta({ title: 'A server reached over HTTP' });

export const builtinEntrySchema = z
  .looseObject({
    builtin: z.enum(BUILTIN_NAMES).meta({ description: 'One of our own servers.' }),
    roots: z
      .array(path())
      .min(1)
      .exactOptional()
      .meta({ description: 'filesystem: the folders it may touch.', default: ['.'] }),
    readOnly: z
      .boolean()
      .exactOptional()
      .meta({ description: 'filesystem: offers no tool that changes anything.', default: false }),
    sources: z
      .array(path())
      .exactOptional()
      .meta({ description: 'retrieval: files and folders that are indexed when it starts.', default: [] }),
    allowPrivate: z
      .boolean()
      .exactOptional()
      .meta({ description: 'web: may fetch from private addresses.', default: false }),
    env: variables(),
    ...commonEntry,
  })
  .meta({ title: 'One of our own servers' });

function variables() {
  return z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .exactOptional()
    .meta({ description: 'Variables added to the few that every server gets.', default: {} });
}
