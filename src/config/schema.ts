/**
 * The one description of `mcp.config.json`: it checks the file, gives editors its JSON Schema, and the README its table.
 * Server entries are loose, the rest is strict.
 */
import { z } from 'zod';

import { approvalsSchema } from './approval-schema.ts';
import { guardsSchema } from './guard-schema.ts';
import { modelLimitsSchema } from './model-limits-schema.ts';
import { modelsSchema } from './model-schema.ts';
import { count, durationMs, spendingAmounts } from './schema-parts.ts';
import { serveSchema } from './serve-schema.ts';
import { isTimeZone } from './time-zone.ts';
import { triggerSchema } from './trigger-schema.ts';
import { webhooksSchema } from './webhooks-schema.ts';
import { workflowSchema } from './workflow-schema.ts';
import { builtinEntrySchema, commandEntrySchema, urlEntrySchema } from './server-schema.ts';

const budgetSchema = z.strictObject({
  maxTurns: count().exactOptional().meta({
    description: 'Turns of one run; a turn is a model call and the tool calls that it asks for.',
    default: 25,
  }),
  maxToolCalls: count().exactOptional().meta({ description: 'Tool calls of one run.' }),
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
  maxDepth: count().exactOptional().meta({
    description: 'How many parts of workflows may stand one in the other.',
    default: 20,
  }),
  maxConcurrency: count().exactOptional().meta({
    description:
      'Model calls of one run at the same time, however its parts are nested. By default there is no limit.',
  }),
  perDay: spendingAmounts().exactOptional().meta({
    description: 'What all runs of a day may come to together, in all processes of the home folder.',
  }),
  perSession: spendingAmounts().exactOptional().meta({
    description: 'What all runs of one conversation may come to together.',
  }),
  perClient: spendingAmounts().exactOptional().meta({
    description: 'What all runs of a day on behalf of one client of the gateway may come to together.',
  }),
  timeZone: z
    .string()
    .refine(isTimeZone, { error: 'the name of a time zone, such as Europe/Berlin' })
    .exactOptional()
    .meta({ description: 'In which days begin. By default that of the machine.' }),
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
    modelLimits: modelLimitsSchema.exactOptional().meta({
      description:
        'By provider (`anthropic`) or by model (`openai/gpt-…`): how much all runs of the program together ask of it.',
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
    naming: z.enum(['prefixed', 'bare']).exactOptional().meta({
      description:
        'Whether the names of tools and prompts begin with their server, or are those of the servers wherever no two clash.',
      default: 'prefixed',
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
    workflows: z.record(z.string(), workflowSchema).exactOptional().meta({
      description: 'Workflows by name: see [workflows](workflows.md).',
      default: {},
    }),
    triggers: z.record(z.string(), triggerSchema).exactOptional().meta({
      description:
        'What starts runs by itself, by name, while `switchyard daemon` runs: see [triggers](triggers.md).',
      default: {},
    }),
    webhooks: webhooksSchema.exactOptional().meta({
      description: 'Where `switchyard daemon` takes webhooks: see [triggers](triggers.md#webhooks).',
    }),
    serve: serveSchema.exactOptional().meta({ description: 'The host as one MCP server.' }),
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
