/** The model itself, inside the embedder process. */
import { basename, dirname } from 'node:path';

import { DIMENSIONS, unavailable } from './layout.ts';

export interface Extractor {
  /** At most BATCH_SIZE texts. Returns their vectors one after another. */
  extract(texts: readonly string[]): Promise<Float32Array>;
}

/** More at once brings nothing and costs memory (measured). */
export const BATCH_SIZE = 8;

/** The cosine of these two, as measured with the pinned file; a wrong file or a broken runtime shows itself here. */
const CHECK_TEXTS = ['A man is eating food.', 'Someone eats a meal.'] as const;
const CHECK_COSINE = 0.759;
const CHECK_TOLERANCE = 0.01;

/** Rejects with HostError `embedder-unavailable` when the model cannot be loaded or does not embed as expected. */
export async function loadExtractor(folder: string): Promise<Extractor> {
  const { env, pipeline } = await import('@huggingface/transformers');
  env.allowRemoteModels = false;
  env.localModelPath = dirname(folder);
  const run = await pipeline('feature-extraction', basename(folder), {
    dtype: 'q8',
    device: 'cpu',
    session_options: {
      intraOpNumThreads: 2,
      // The arena holds 1,150 MB where 330–435 MB do.
      enableCpuMemArena: false,
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    },
  });
  const extractor: Extractor = {
    async extract(texts) {
      const output = await run([...texts], { pooling: 'mean', normalize: true });
      const { data } = output;
      if (!(data instanceof Float32Array) || data.length !== texts.length * DIMENSIONS) {
        throw unavailable(`The model in ${folder} gives no ${DIMENSIONS} float values a text.`);
      }
      return data;
    },
  };
  await checkExtractor(extractor, folder);
  return extractor;
}

async function checkExtractor(extractor: Extractor, folder: string): Promise<void> {
  const data = await extractor.extract(CHECK_TEXTS);
  let cosine = 0;
  for (let index = 0; index < DIMENSIONS; index += 1) {
    cosine += (data[index] ?? Number.NaN) * (data[DIMENSIONS + index] ?? Number.NaN);
  }
  if (!(Math.abs(cosine - CHECK_COSINE) <= CHECK_TOLERANCE)) {
    throw unavailable(
      `The model in ${folder} failed its self-check: the cosine of two known sentences is ${cosine.toFixed(4)}, ` +
        `expected ${CHECK_COSINE} ± ${CHECK_TOLERANCE}. Remove the folder so that it is fetched again.`,
    );
  }
}
