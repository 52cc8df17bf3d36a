/** The part of the schema that describes `guards`. */
import { z } from 'zod';

import { GUARD_STAGES, PII_ENTITIES } from './guard-settings.ts';

const stages = () => z.array(z.enum(GUARD_STAGES)).min(1);
const characters = () => z.int().min(1).exactOptional();
const terms = () => z.array(z.string().min(1)).min(1).exactOptional();

export const guardsSchema = z.strictObject({
  secrets: z.boolean().exactOptional().meta({
    description: 'Masks secrets in requests, results and answers. Events and logs never hold them.',
    default: true,
  }),
  injection: z.enum(['mark', 'ask', 'deny', 'off']).exactOptional().meta({
    description:
      'What becomes of a result that reads like instructions to the model. `mark` warns the model; `ask` asks a person.',
    default: 'mark',
  }),
  output: z.enum(['stream', 'whole']).exactOptional().meta({
    description:
      'Whether an answer is shown as it comes or when it was checked. By default `stream`, and `whole` where a guard may refuse or change more of it than secrets.',
  }),
  maxCharacters: z
    .strictObject({
      input: characters().meta({ description: 'Of a request.' }),
      'tool-call': characters().meta({ description: 'Of the arguments of a call, as JSON.' }),
      'tool-result': characters().meta({ description: 'Of a result, as JSON.' }),
      output: characters().meta({ description: 'Of an answer.' }),
    })
    .exactOptional()
    .meta({ description: 'What is longer is refused.' }),
  content: z
    .array(
      z.strictObject({
        deny: terms().meta({
          description:
            'Words, or RE2 patterns between slashes (`/pro(ject)? x/i`), of which a text may hold none.',
        }),
        allow: terms().meta({ description: 'Words or patterns of which a text must hold one.' }),
        stages: stages().exactOptional().meta({ description: 'Where it is checked; everywhere by default.' }),
        action: z
          .enum(['deny', 'ask'])
          .exactOptional()
          .meta({ description: 'Whether such a text is refused or asked about.', default: 'deny' }),
        reason: z
          .string()
          .min(1)
          .exactOptional()
          .meta({ description: 'Told to the person and to the model.' }),
      }),
    )
    .exactOptional()
    .meta({ description: 'Words and patterns that are refused or required.', default: [] }),
  topics: z
    .array(
      z.strictObject({
        name: z.string().min(1).meta({ description: 'As it is named in a refusal.' }),
        examples: z
          .array(z.string().min(1))
          .min(1)
          .meta({ description: 'Sentences on the topic; the more different ones, the better.' }),
        threshold: z.number().gt(0).lte(1).exactOptional().meta({
          description:
            'The similarity from which on a text is of the topic; the vectors are of the local embedder.',
          default: 0.5,
        }),
        action: z.enum(['deny', 'allow']).exactOptional().meta({
          description: 'Whether texts of the topic are refused, or only texts of such topics allowed.',
          default: 'deny',
        }),
        stages: stages()
          .exactOptional()
          .meta({ description: 'Where it is checked.', default: ['input'] }),
      }),
    )
    .exactOptional()
    .meta({ description: 'Topics that are refused, or the only ones allowed.', default: [] }),
  pii: z
    .strictObject({
      entities: z
        .array(z.enum(PII_ENTITIES))
        .min(1)
        .exactOptional()
        .meta({
          description:
            'What is looked for. Names, organizations and places need `compromise`, for English text.',
          default: ['credit-card', 'email', 'iban', 'ip-address', 'phone', 'us-ssn'],
        }),
      action: z
        .enum(['mask', 'deny'])
        .exactOptional()
        .meta({ description: 'Whether it is masked or the text refused.', default: 'mask' }),
      stages: stages()
        .exactOptional()
        .meta({ description: 'Where it is looked for.', default: ['input', 'tool-result', 'output'] }),
    })
    .exactOptional()
    .meta({ description: 'Personal data. Without this key it is not looked for.' }),
});
