/** The part of the schema that describes models. */
import { z } from 'zod';

import { count, path } from './schema-parts.ts';

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
});

const modelCandidateSchema = z.union([modelName(), modelObjectSchema], {
  error: "a model as 'provider/name' or an object",
});

export const modelsSchema = z.record(
  z.string().min(1),
  z.union([modelName(), modelObjectSchema, z.array(modelCandidateSchema).min(1)], {
    error: "a model as 'provider/name', an object, or a list of them",
  }),
);

function modelName() {
  return z.string().regex(/^[^/\s]+\/\S+$/, { error: "a model as 'provider/name'" });
}
