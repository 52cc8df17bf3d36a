/** The part of the schema that describes models. */
import { z } from 'zod';

import { count, path } from './schema-parts.ts';

const modelFields = {
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
  extraBody: z
    .record(z.string(), z.json())
    .exactOptional()
    .meta({
      description:
        'Merged over each request as the provider takes it, such as `{ "thinking": { "type": "adaptive" } }` or ' +
        '`{ "reasoning_effort": "low" }`.',
    }),
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
};

const nameOfModel = () => modelName().meta({ description: '`provider/name`.' });

const modelCandidateSchema = z.union(
  [modelName(), z.strictObject({ model: nameOfModel(), ...modelFields })],
  { error: "a model as 'provider/name' or an object" },
);

const routePartSchema = z.union(
  [
    modelPart(),
    z.strictObject({
      model: modelPart().meta({ description: '`provider/name`, or an alias that is no route.' }),
      upTo: z.number().min(0).max(100).exactOptional().meta({
        description:
          'The complexity of requests, from 0 to 100, up to which it is strong enough. By default by its place: of three, 33, 67 and 100.',
      }),
      goodAt: z
        .array(z.enum(['code', 'math', 'reasoning', 'writing', 'general']))
        .min(1)
        .exactOptional()
        .meta({ description: 'Requests that it is rather taken for.' }),
      ...modelFields,
    }),
  ],
  { error: "a model as 'provider/name', an alias, or an object" },
);

const checked = (description: string) => z.boolean().exactOptional().meta({ description, default: true });

const weight = (description: string) => z.number().min(0).exactOptional().meta({ description });

const routeSchema = z.strictObject({
  candidates: z.array(routePartSchema).min(1).meta({
    description: 'Models or aliases, the weakest first. What cannot take a request is left out.',
  }),
  by: z
    .union(
      [
        z.array(z.enum(['complexity', 'cost', 'latency'])).min(1),
        z.strictObject({
          complexity: weight('Whether it is strong enough for the request, and good at its subject.'),
          cost: weight('What the answer is expected to cost.'),
          latency: weight('How fast it answered in this process of late.'),
        }),
      ],
      { error: "a list of 'complexity', 'cost' and 'latency', or an object that gives them weights" },
    )
    .exactOptional()
    .meta({ description: 'What counts; in an object how much, where 1 is as usual. All of it by default.' }),
  outputTokens: count().exactOptional().meta({
    description: 'How long an answer is taken to be, for its cost and its time.',
    default: 500,
  }),
});

const acceptSchema = z.strictObject({
  refusal: checked('An answer that refuses, by its provider’s word or by its own, is not accepted.'),
  empty: checked('Neither is one without words and calls.'),
  toolArguments: checked(
    'Nor one that calls a tool that is not offered, or with arguments that do not fit its schema.',
  ),
  output: checked('Nor one that is not in the shape of the agent’s `output`.'),
  matches: z
    .string()
    .exactOptional()
    .meta({ description: 'An RE2 pattern that has to be found in the words.' }),
  lacks: z.string().exactOptional().meta({ description: 'An RE2 pattern that must not be found in them.' }),
  judge: z
    .strictObject({
      model: modelPart().meta({ description: '`provider/name` or an alias.' }),
      instructions: z.string().exactOptional().meta({ description: 'What it is to look at.' }),
    })
    .exactOptional()
    .meta({ description: 'A model that says whether the answer will do.' }),
});

/** One model, or a choice between several: check-models.ts holds it to being one of them. */
const modelEntrySchema = z.strictObject({
  model: nameOfModel().exactOptional(),
  ...modelFields,
  route: routeSchema.exactOptional().meta({ description: 'One of several models for each request.' }),
  cascade: z
    .array(
      z.union(
        [
          modelPart(),
          z.strictObject({
            model: modelPart().meta({ description: '`provider/name`, or an alias of one.' }),
            ...modelFields,
          }),
        ],
        {
          error: "a model as 'provider/name', an alias, or an object",
        },
      ),
    )
    .min(2)
    .exactOptional()
    .meta({
      description:
        'Models or aliases, the cheapest first: the next is asked where an answer is not accepted.',
    }),
  accept: acceptSchema.exactOptional().meta({ description: 'Of a cascade: what an answer has to be.' }),
});

export const modelsSchema = z.record(
  z.string().min(1),
  z.union([modelName(), modelEntrySchema, z.array(modelCandidateSchema).min(1)], {
    error: "a model as 'provider/name', an object, or a list of them",
  }),
);

function modelName() {
  return z.string().regex(/^[^/\s]+\/\S+$/, { error: "a model as 'provider/name'" });
}

/** What has no slash is an alias. */
function modelPart() {
  return z.string().regex(/^\S+$/, { error: "a model as 'provider/name' or an alias" });
}
