/**
 * The one description of `mcp.config.json`: it checks the file, gives editors its JSON Schema, and the README its table.
 * Server entries are loose, because pasted ones carry other clients' keys (foreign-keys.ts); the rest is strict.
 */
import { z } from 'zod';

import { approvalsSchema } from './approval-schema.ts';
import { guardsSchema } from './guard-schema.ts';
import { idempotencyKeysSchema, uncertainSchema } from './effects-schema.ts';
import { BUILTIN_NAMES } from './server-definition.ts';

/** The most that a timer of Node can wait. */
const MAX_TIMEOUT_MS = 2_147_483_647;

const count = () => z.int().min(1);
const durationMs = () => z.int().min(1).max(MAX_TIMEOUT_MS);
const path = () => z.string().min(1);

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

const modelObjectSchema = z.strictObject({
  model: modelName().meta({ description: '`provider/name`.' }),
  file: path().exactOptional().meta({
    description: 'With `local/<any name>`: a GGUF file to run in process, relative to the config’s folder.',
  }),
  tools: z
    .enum(['native', 'grammar'])
    .exactOptional()
    .meta({
      description:
        'With `local/…`: whether the model calls tools in its own way, or is small and gets one tool a question. ' +
        'By default `grammar` for our small ones, else `native`.',
    }),
  baseUrl: z
    .url({ protocol: /^https?$/, error: 'an http or https URL' })
    .exactOptional()
    .meta({
      description: 'Where an OpenAI-compatible server answers.',
    }),
  apiKey: z
    .string()
    .exactOptional()
    .meta({ description: 'Its key; better the name of a variable than the key itself.' }),
  headers: z.record(z.string(), z.string()).exactOptional().meta({ description: 'Sent with every request.' }),
  maxOutputTokens: count().exactOptional().meta({ description: 'The most that one answer may hold.' }),
  contextWindowTokens: count().exactOptional().meta({ description: 'The most that one request may hold.' }),
  maxTools: count().exactOptional().meta({ description: 'The most tools that one request may carry.' }),
  accepts: z
    .array(z.enum(['images', 'audio']))
    .exactOptional()
    .meta({
      description:
        'What it takes besides text; pictures and no sound where it is not said. Other data is kept under an address.',
    }),
  price: z
    .strictObject({
      inputUsdPerMillion: z.number().min(0).meta({ description: 'For a million tokens of input.' }),
      outputUsdPerMillion: z.number().min(0).meta({ description: 'For a million tokens of output.' }),
      cacheReadUsdPerMillion: z.number().min(0).exactOptional().meta({
        description: 'For a million tokens read from a cache.',
      }),
      cacheWriteUsdPerMillion: z.number().min(0).exactOptional().meta({
        description: 'For a million tokens written to a cache.',
      }),
    })
    .exactOptional()
    .meta({ description: 'Where the price table does not know the model.' }),
});

const modelCandidateSchema = z.union([modelName(), modelObjectSchema], {
  error: "a model as 'provider/name' or an object",
});

const modelsSchema = z.record(
  z.string().min(1),
  z.union([modelName(), modelObjectSchema, z.array(modelCandidateSchema).min(1)], {
    error: "a model as 'provider/name', an object, or a list of them",
  }),
);

const budgetSchema = z.strictObject({
  maxTurns: count().exactOptional().meta({
    description: 'Turns of one run; a turn is a model call and the tool calls that it asks for.',
    default: 25,
  }),
  maxTokens: count()
    .exactOptional()
    .meta({ description: 'Input and output tokens of one run, caches included.' }),
  maxUsd: z.number().positive().exactOptional().meta({ description: 'What one run may cost in US dollars.' }),
  timeoutMs: durationMs()
    .exactOptional()
    .meta({ description: 'How long one run may take.', default: 600_000 }),
  maxRepeats: count().exactOptional().meta({
    description: 'The same call with the same arguments this often in a row stops the run.',
    default: 3,
  }),
});

const memorySchema = z.strictObject({
  enabled: z.boolean().exactOptional().meta({
    description:
      'Whether the built-in memory server, where there is one, is asked before a run and told after it.',
    default: true,
  }),
  recallTokens: z.int().min(50).exactOptional().meta({
    description: 'What recalled memories may cost a request at most.',
    default: 800,
  }),
  recallTimeoutMs: durationMs().exactOptional().meta({
    description: 'How long a memory server that runs may take; the run then goes on without.',
    default: 1_500,
  }),
  startTimeoutMs: durationMs().exactOptional().meta({
    description: 'The same for one that has to start first.',
    default: 4_000,
  }),
  extract: z
    .enum(['model', 'rules', 'off'])
    .exactOptional()
    .meta({
      description:
        'Who finds facts in what was said: the model `cheap` of `models`, rules, or nobody. By default the model where ' +
        'there is one, else rules.',
    }),
  budget: z
    .strictObject({
      maxTokens: count()
        .exactOptional()
        .meta({ description: 'For the model that finds facts.', default: 20_000 }),
      maxUsd: z.number().positive().exactOptional().meta({ description: 'The same in US dollars.' }),
      timeoutMs: durationMs().exactOptional().meta({ description: 'For all of it.', default: 60_000 }),
    })
    .exactOptional()
    .meta({ description: 'The limits of one background run that remembers.' }),
});

const runsSchema = z.strictObject({
  synchronous: z
    .enum(['normal', 'full'])
    .exactOptional()
    .meta({
      description:
        'What a run that is recorded survives: with `normal` a crash of the program, with `full` also a power cut. ' +
        '`full` waits for the disk at every step.',
      default: 'normal',
    }),
  approvalHours: z.number().positive().max(500).exactOptional().meta({
    description:
      'How long a call that waits for a person may be answered, and the answer be used. Then it is denied.',
    default: 24,
  }),
  keepDays: count().exactOptional().meta({
    description:
      'Runs that ended longer ago are deleted, with their results and their parts of conversations. By default they are kept.',
  }),
  maxBytes: z.int().min(1_000_000).exactOptional().meta({
    description:
      'Beyond this size of all runs together, the oldest that have ended are deleted. By default there is no limit.',
  }),
});

const logsSchema = z.strictObject({
  level: z.enum(['error', 'warn', 'info', 'debug']).exactOptional().meta({
    description: 'The least important lines that the log file keeps.',
    default: 'info',
  }),
  keepDays: count().exactOptional().meta({ description: 'Older log files are deleted.', default: 14 }),
  maxBytes: z.int().min(1_000_000).exactOptional().meta({
    description: 'Beyond this size together, the oldest log files are deleted.',
    default: 200_000_000,
  }),
});

const configSchema = z
  .strictObject({
    $schema: z.string().exactOptional().meta({ description: 'The JSON Schema, for editors.' }),
    mcpServers: z
      .record(z.string(), z.union([commandEntrySchema, urlEntrySchema, builtinEntrySchema]))
      .exactOptional()
      .meta({ description: 'The servers by name.', default: {} }),
    models: modelsSchema.exactOptional().meta({
      description:
        'Models by alias; of a list the next is tried where one fails. `default` is used unless another is asked for.',
    }),
    budget: budgetSchema.exactOptional().meta({ description: 'The limits of one run.' }),
    approvals: approvalsSchema.exactOptional().meta({
      description:
        'Which calls are allowed, asked about or denied; the first rule that fits decides. Where none fits, a call that ' +
        'is not read-only is asked about.',
      default: [],
    }),
    guards: guardsSchema.exactOptional().meta({
      description: 'What is checked in requests, calls, results and answers.',
    }),
    maxNameLength: z.int().min(16).max(128).exactOptional().meta({
      description: 'The longest name of a tool, its server included.',
      default: 47,
    }),
    maxResultTokens: z.int().min(500).exactOptional().meta({
      description: 'What one tool result gives to a model at most; longer ones are stored whole.',
      default: 8_000,
    }),
    memory: memorySchema.exactOptional().meta({
      description: 'What is recalled before a run and remembered after it.',
    }),
    runs: runsSchema.exactOptional().meta({ description: 'How runs are recorded.' }),
    logs: logsSchema.exactOptional().meta({ description: 'The log files.' }),
  })
  .meta({ title: 'mcp.config.json' });

/** As `configSchema`, with each server's entry left for server-entry.ts, so that a fault fails that server alone. */
export const fileSchema = configSchema.extend({
  mcpServers: z.record(z.string(), z.unknown()).exactOptional(),
});

/** The JSON Schema of the file, draft 2020-12. */
export function configJsonSchema(): z.core.JSONSchema.JSONSchema {
  return z.toJSONSchema(configSchema, { io: 'input' });
}

function modelName() {
  return z.string().regex(/^[^/\s]+\/\S+$/, { error: "a model as 'provider/name'" });
}

function variables() {
  return z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .exactOptional()
    .meta({ description: 'Variables added to the few that every server gets.', default: {} });
}
