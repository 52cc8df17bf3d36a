import { anthropicModel } from '../../../src/host/model/anthropic.ts';
import type { Model } from '../../../src/host/model/model.ts';
import { openaiModel } from '../../../src/host/model/openai.ts';
import type { ModelServer } from '../../fixtures/model/model-server.ts';

export const TEST_KEY = 'sk-test-0123456789abcdef';

/** The same tests run on both wires. */
export const WIRES: readonly {
  readonly wire: 'anthropic' | 'openai';
  readonly model: (server: Pick<ModelServer, 'url' | 'openaiUrl'>) => Model;
}[] = [
  {
    wire: 'anthropic',
    model: ({ url }) =>
      anthropicModel({
        name: 'claude-sonnet-5',
        apiKey: TEST_KEY,
        keySource: 'ANTHROPIC_API_KEY',
        baseUrl: url,
      }),
  },
  {
    wire: 'openai',
    model: ({ openaiUrl }) =>
      openaiModel({
        provider: 'openai',
        name: 'gpt-6-sol',
        apiKey: TEST_KEY,
        keySource: 'OPENAI_API_KEY',
        baseUrl: openaiUrl,
      }),
  },
];
