/** The part of node-llama-cpp 3.22 that is used. It is installed on request, so its own types are not at hand. */
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

import type { JsonObject } from '../../json.ts';
import { runtimeModule } from '../../local-model/folder.ts';

export interface LlamaModule {
  getLlama(options: {
    readonly gpu: 'auto' | false;
    readonly build: 'never';
    readonly logLevel: 'error';
    readonly progressLogs: false;
  }): Promise<Llama>;
  readonly LlamaChat: new (options: { readonly contextSequence: LlamaSequence }) => LlamaChat;
}

export interface Llama {
  loadModel(options: { readonly modelPath: string; readonly loadSignal?: AbortSignal }): Promise<LlamaModel>;
  createGrammarForJsonSchema(schema: JsonObject): Promise<LlamaGrammar>;
  dispose(): Promise<void>;
}

export interface LlamaModel {
  readonly trainContextSize: number;
  createContext(options: {
    readonly contextSize: number;
    readonly threads: number;
    readonly batchSize: number;
  }): Promise<{ getSequence(): LlamaSequence }>;
}

export interface LlamaSequence {
  /** Tokens in the context: of the prompt and of what was generated after it. */
  readonly nextTokenIndex: number;
  /** Counts what was evaluated; a prompt's beginning that was still in the context is not. */
  readonly tokenMeter: { readonly usedInputTokens: number; readonly usedOutputTokens: number };
}

/** A grammar without content for us: it is only passed on. */
export type LlamaGrammar = { readonly grammar: string };

export interface LlamaChat {
  generateResponse(history: LlamaHistory, options: LlamaGenerateOptions): Promise<LlamaResponse>;
}

export type LlamaHistory = readonly LlamaHistoryItem[];

export type LlamaHistoryItem =
  | { readonly type: 'system'; readonly text: string }
  | { readonly type: 'user'; readonly text: string }
  | { readonly type: 'model'; readonly response: (string | LlamaPastCall)[] };

export type LlamaPastCall = {
  readonly type: 'functionCall';
  readonly name: string;
  readonly params: JsonObject;
  readonly result: string;
};

export interface LlamaGenerateOptions {
  readonly signal: AbortSignal;
  readonly onTextChunk: (text: string) => void;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly repeatPenalty: false;
  /**
   * `size` is called where the history does not fit into the context. What it throws ends the generation; what the library's
   * `strategy` throws is only printed, and the beginning of the history dropped.
   */
  readonly contextShift: { readonly size: () => never };
  readonly grammar?: LlamaGrammar;
  readonly functions?: Readonly<
    Record<string, { readonly description: string; readonly params?: JsonObject }>
  >;
  readonly documentFunctionParams?: true;
}

export interface LlamaResponse {
  readonly response: string;
  readonly functionCalls?: readonly { readonly functionName: string; readonly params: unknown }[];
  readonly metadata: { readonly stopReason: string };
}

/** Undefined where it is not installed. */
export async function loadLlamaModule(homeFolder: string): Promise<LlamaModule | undefined> {
  const file = runtimeModule(homeFolder);
  if (!existsSync(file)) return undefined;
  return (await import(pathToFileURL(file).href)) as LlamaModule;
}
