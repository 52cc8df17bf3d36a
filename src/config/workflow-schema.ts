/** The part of the schema that describes workflows: each is one pattern, whose steps are names of workflows or workflows. */
import { z } from 'zod';

import { count, durationMs, spendingAmounts } from './schema-parts.ts';
import { WORKFLOW_KINDS, type WorkflowConfig } from './workflow-config.ts';

const step = z.lazy(() =>
  z.union([z.string().min(1), workflowSchema], { error: 'a workflow, or the name of one' }),
);
const steps = () => z.array(step).min(1);
const model = () =>
  z.string().min(1).exactOptional().meta({
    description: 'An alias or `provider/model`.',
    default: 'default',
  });
const concurrency = () =>
  count().exactOptional().meta({ description: 'How many work at a time.', default: 8 });

const agentKeys = {
  instructions: z.string().exactOptional().meta({ description: 'What it is told before the request.' }),
  model: model(),
  tools: z.array(z.string().min(1)).exactOptional().meta({
    description: 'Globs over names of tools. By default all of them; an empty list is none.',
  }),
  agents: z
    .record(
      z.string(),
      z.lazy(() => memberSchema),
    )
    .exactOptional()
    .meta({ description: 'Workflows that it may call as tools.' }),
};

const agentSchema = z.strictObject({
  ...agentKeys,
  output: z
    .record(z.string(), z.json())
    .exactOptional()
    .meta({ description: 'The JSON Schema of its answer. By default it answers in words.' }),
  until: z.array(z.string().min(1)).exactOptional().meta({
    description:
      'Globs over names of tools: once one of these has answered, that is its answer, and it ends. Not beside `output`.',
  }),
});

const memberSchema = z.strictObject({
  description: z.string().meta({ description: 'What it is good for, told to whoever may call it.' }),
  workflow: step,
});

const handoffAgentSchema = z.strictObject({
  ...agentKeys,
  description: z.string().meta({ description: 'What belongs to it, told to the others.' }),
  handoffs: z.array(z.string()).exactOptional().meta({
    description: 'To whom it may hand over. By default to every other.',
  }),
});

const workflowShape = z.strictObject({
  name: z
    .string()
    .regex(/^[^/]{1,64}$/, { error: 'a name without a slash' })
    .exactOptional()
    .meta({
      description: 'Stands in its path where it is a step of another.',
    }),
  description: z
    .string()
    .exactOptional()
    .meta({ description: 'What it does, told to whoever may choose it.' }),
  input: z.record(z.string(), z.json()).exactOptional().meta({
    description: 'The JSON Schema of what it takes. By default it takes a request in words.',
  }),
  budget: z
    .strictObject({
      maxTurns: count().exactOptional(),
      maxToolCalls: count().exactOptional(),
      maxTokens: count().exactOptional(),
      maxUsd: z.number().positive().exactOptional(),
      timeoutMs: durationMs().exactOptional(),
      maxDepth: count().exactOptional(),
      maxConcurrency: count().exactOptional(),
      perDay: spendingAmounts().exactOptional().meta({
        description: 'What all runs that are started by its name may come to in a day.',
      }),
    })
    .exactOptional()
    .meta({
      description:
        'Its limits as a run, where they are lower than `budget`, and as a part within those of the run.',
    }),
  agent: agentSchema.exactOptional().meta({ description: 'A model with tools.' }),
  chain: steps().exactOptional().meta({ description: 'One after another.' }),
  gate: z
    .strictObject({
      matches: z.string().exactOptional().meta({ description: 'An RE2 pattern that has to be found.' }),
      lacks: z.string().exactOptional().meta({ description: 'An RE2 pattern that must not be found.' }),
    })
    .exactOptional()
    .meta({ description: 'Lets a value pass, or ends the run.' }),
  parallel: z
    .strictObject({ parts: z.record(z.string(), step), concurrency: concurrency() })
    .exactOptional()
    .meta({ description: 'All on the same input, side by side.' }),
  map: z
    .strictObject({
      each: step,
      concurrency: concurrency(),
      onFailure: z.enum(['stop', 'collect']).exactOptional().meta({
        description: 'What becomes of the others where an item fails.',
        default: 'stop',
      }),
    })
    .exactOptional()
    .meta({ description: 'One workflow over each item of a list.' }),
  first: z
    .strictObject({
      parts: steps(),
      quorum: count().exactOptional().meta({ description: 'How many have to succeed.', default: 1 }),
      concurrency: concurrency(),
    })
    .exactOptional()
    .meta({ description: 'Until enough have succeeded.' }),
  vote: z
    .strictObject({
      parts: steps(),
      by: z.string().min(1).exactOptional().meta({
        description: 'The member of what each gives that is its vote. By default all of it is.',
      }),
      concurrency: concurrency(),
    })
    .exactOptional()
    .meta({ description: 'What most of them say.' }),
  route: z
    .strictObject({
      by: z.enum(['model', 'rules', 'similarity']).meta({
        description: 'What chooses: a model, patterns, or how near the input is to the examples in meaning.',
      }),
      unsure: z.literal('model').exactOptional().meta({
        description: 'With `similarity`: a model chooses where it is less sure than `minConfidence`.',
      }),
      routes: z.record(
        z.string(),
        z.strictObject({
          description: z.string().exactOptional().meta({ description: 'What belongs here.' }),
          examples: z.array(z.string().min(1)).exactOptional().meta({
            description: 'Requests that belong here, for similarity; a model is shown the first three.',
          }),
          match: z
            .string()
            .exactOptional()
            .meta({ description: 'An RE2 pattern over the input, for rules.' }),
          workflow: step,
        }),
      ),
      model: model(),
      otherwise: z.string().exactOptional().meta({ description: 'The route of what fits none.' }),
      minConfidence: z.number().min(0).max(1).exactOptional().meta({
        description: 'Below it, `otherwise` is taken.',
        default: 0.5,
      }),
    })
    .exactOptional()
    .meta({ description: 'One of several.' }),
  refine: z
    .strictObject({
      make: step,
      rubric: z.string().meta({ description: 'What a good one is like, for the judge.' }),
      model: model(),
      maxRounds: count().exactOptional().meta({ description: 'How often it is made at most.', default: 3 }),
    })
    .exactOptional()
    .meta({ description: 'Made, judged and made again.' }),
  handoff: z
    .strictObject({
      start: z.string().meta({ description: 'Who begins.' }),
      agents: z.record(z.string(), handoffAgentSchema),
      maxHandoffs: count().exactOptional().meta({ description: 'More end the run.', default: 10 }),
    })
    .exactOptional()
    .meta({ description: 'Agents that pass one conversation on.' }),
  team: z
    .strictObject({ supervisor: agentSchema, members: z.record(z.string(), memberSchema) })
    .exactOptional()
    .meta({ description: 'A supervisor that gives work to members.' }),
  orchestrate: z
    .strictObject({
      workers: z.record(z.string(), memberSchema),
      planner: agentSchema.pick({ instructions: true, model: true, tools: true }).exactOptional(),
      synthesis: agentSchema.pick({ instructions: true, model: true }).exactOptional(),
      maxTasks: count().exactOptional().meta({ description: 'Tasks of one plan.', default: 20 }),
      maxPlans: count().exactOptional().meta({ description: 'Plans of one run.', default: 3 }),
      maxAttempts: count().exactOptional().meta({ description: 'How often a task is tried.', default: 3 }),
      concurrency: concurrency(),
    })
    .exactOptional()
    .meta({ description: 'A plan, workers, and one answer of what they found.' }),
  script: z.string().min(1).exactOptional().meta({
    description:
      'A TypeScript or JavaScript module, from the folder of the config. Its `run(context, input)` is the workflow.',
  }),
  pause: z.strictObject({ ms: durationMs() }).exactOptional().meta({ description: 'Waits a while.' }),
  waitFor: z
    .strictObject({ signal: z.string().min(1), timeoutMs: durationMs().exactOptional() })
    .exactOptional()
    .meta({ description: 'Waits for a signal.' }),
  ask: z
    .strictObject({
      question: z.string().min(1),
      schema: z.record(z.string(), z.json()).exactOptional().meta({
        description: 'The JSON Schema of the answer, an object of simple values. By default it is words.',
      }),
      timeoutMs: durationMs().exactOptional(),
    })
    .exactOptional()
    .meta({ description: 'Asks a person, and gives the answer.' }),
  approve: z
    .strictObject({ question: z.string().min(1), timeoutMs: durationMs().exactOptional() })
    .exactOptional()
    .meta({ description: 'Lets its input pass where a person, who is shown it, says yes.' }),
});

export const workflowSchema: z.ZodType<WorkflowConfig, WorkflowConfig> = workflowShape.refine(
  (workflow) => WORKFLOW_KINDS.filter((kind) => workflow[kind] !== undefined).length === 1,
  { error: `exactly one of ${WORKFLOW_KINDS.map((kind) => `'${kind}'`).join(', ')}` },
) as z.ZodType<WorkflowConfig, WorkflowConfig>;
