/** What a folder of the embedder holds, and how we know that it is what we measured. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { HostError } from '../errors.ts';

export const ONNX_FILE = 'onnx/model_quantized.onnx';
export const TOKENIZER_FILE = 'tokenizer.json';
export const CONFIG_FILE = 'config.json';
export const TOKENIZER_CONFIG_FILE = 'tokenizer_config.json';
const LAYOUT_FILES = [ONNX_FILE, TOKENIZER_FILE, CONFIG_FILE, TOKENIZER_CONFIG_FILE] as const;

/** Properties of all-MiniLM-L6-v2; a folder brought by a person must hold an export of the same shape. */
const MODEL_ID = 'all-MiniLM-L6-v2-int8';
export const DIMENSIONS = 384;
/** 256 positions less `[CLS]` and `[SEP]`, with room to spare: longer text is cut by the model in silence. */
export const MAX_TOKENS = 250;
const MAX_SEQUENCE_LENGTH = 256;
const POOLING = 'mean';

export const CONFIG_JSON = {
  model_type: 'bert',
  architectures: ['BertModel'],
  hidden_size: DIMENSIONS,
  max_position_embeddings: 512,
  vocab_size: 30_522,
} as const;

export const TOKENIZER_CONFIG_JSON = {
  tokenizer_class: 'BertTokenizer',
  model_max_length: MAX_SEQUENCE_LENGTH,
  do_lower_case: true,
  unk_token: '[UNK]',
  sep_token: '[SEP]',
  pad_token: '[PAD]',
  cls_token: '[CLS]',
  mask_token: '[MASK]',
} as const;

/** The files of the layout that the folder lacks; empty when the embedder can be loaded. */
export function missingFiles(folder: string): readonly string[] {
  return LAYOUT_FILES.filter((file) => !existsSync(join(folder, file)));
}

export function unavailable(message: string, cause?: unknown): HostError {
  return new HostError('embedder-unavailable', message, cause === undefined ? {} : { cause });
}

/** Says what is missing and how to get it. */
function missingEmbedder(folder: string): HostError {
  return unavailable(
    `The embedder is not installed: ${folder} lacks ${missingFiles(folder).join(', ')}. Search works by words only ` +
      'until it is there. It is fetched in the background where Python with pip and a network are at hand; ' +
      '"switchyard doctor" tells why not. SWITCHYARD_EMBEDDER may point to a folder of the same layout.',
  );
}

const idByFile = new Map<string, string>();

/**
 * Names the vector space: model, hash of the weights, pooling, maximum length. Reads the weights once for each state of
 * the file (about 50 ms). Throws HostError `embedder-unavailable` when the layout is incomplete.
 */
export function embedderId(folder: string): string {
  if (missingFiles(folder).length > 0) throw missingEmbedder(folder);
  const file = join(folder, ONNX_FILE);
  const { size, mtimeMs } = statSync(file);
  const key = `${file}:${size}:${mtimeMs}`;
  const known = idByFile.get(key);
  if (known !== undefined) return known;
  const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
  const id = `${MODEL_ID}/${hash}/${POOLING}/${MAX_SEQUENCE_LENGTH}`;
  idByFile.set(key, id);
  return id;
}
