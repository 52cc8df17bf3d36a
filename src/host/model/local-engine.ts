/** Models loaded into this process: each file once, each answering one request at a time. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';

import type { JsonObject } from '../../json.ts';
import type { Llama, LlamaChat, LlamaGrammar, LlamaModule, LlamaSequence } from './local-runtime.ts';

export interface LocalEngines extends AsyncDisposable {
  /** Loads the model at its first use, about two seconds. Rejects with LocalUnavailable, and with what loading throws. */
  get(file: string, contextTokens: number): Promise<LocalEngine>;
}

export interface LocalEngine {
  readonly sequence: LlamaSequence;
  readonly chat: LlamaChat;
  grammar(schema: JsonObject): Promise<LlamaGrammar>;
  /** Runs `work` when those before it have ended. */
  alone<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** Something must be installed or fetched first. */
export class LocalUnavailable extends Error {
  readonly missing: 'runtime' | 'file';

  constructor(missing: LocalUnavailable['missing'], message: string) {
    super(message);
    this.name = 'LocalUnavailable';
    this.missing = missing;
  }
}

/** More than the processor's caches like; larger ones bring nothing here. */
const BATCH_TOKENS = 512;

/** `load` gives the library, undefined where it is not installed. */
export function createLocalEngines(load: () => Promise<LlamaModule | undefined>): LocalEngines {
  let runtime: Promise<{ readonly module: LlamaModule; readonly llama: Llama }> | undefined;
  const engines = new Map<string, Promise<LocalEngine>>();
  let closed = false;

  const open = async (): Promise<{ readonly module: LlamaModule; readonly llama: Llama }> => {
    const module = await load();
    if (module === undefined) throw new LocalUnavailable('runtime', 'node-llama-cpp is not installed');
    // Only the Mac's binaries drive its graphics processor; elsewhere those for the processor are installed.
    const gpu = process.platform === 'darwin' && process.arch === 'arm64' ? 'auto' : false;
    return {
      module,
      llama: await module.getLlama({ gpu, build: 'never', logLevel: 'error', progressLogs: false }),
    };
  };

  const start = async (file: string, contextTokens: number): Promise<LocalEngine> => {
    if (!existsSync(file)) throw new LocalUnavailable('file', `${file} is not there`);
    runtime ??= open();
    const { module, llama } = await runtime;
    const model = await llama.loadModel({ modelPath: file });
    const context = await model.createContext({
      contextSize: Math.min(contextTokens, model.trainContextSize),
      // With as many threads as cores, other work on the machine stops them all again and again.
      threads: Math.max(1, availableParallelism() - 1),
      batchSize: BATCH_TOKENS,
    });
    if (closed) throw new Error('the host was closed while the model was loading');
    const sequence = context.getSequence();
    return engineOf(llama, sequence, new module.LlamaChat({ contextSequence: sequence }));
  };

  return {
    get(file, contextTokens) {
      if (closed) return Promise.reject(new Error('the host is closed'));
      const engine = engines.get(file) ?? start(file, contextTokens);
      engines.set(file, engine);
      // What could not be loaded may be pulled meanwhile: the next request tries again.
      engine.catch(() => {
        engines.delete(file);
        runtime?.catch(() => {
          runtime = undefined;
        });
      });
      return engine;
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      await Promise.allSettled(engines.values());
      const opened = runtime?.catch(() => undefined);
      runtime = undefined;
      await (await opened)?.llama.dispose();
    },
  };
}

function engineOf(llama: Llama, sequence: LlamaSequence, chat: LlamaChat): LocalEngine {
  const grammars = new Map<string, Promise<LlamaGrammar>>();
  let last: Promise<unknown> = Promise.resolve();
  return {
    sequence,
    chat,
    grammar(schema) {
      const key = JSON.stringify(schema);
      const grammar = grammars.get(key) ?? llama.createGrammarForJsonSchema(schema);
      grammars.set(key, grammar);
      return grammar;
    },
    alone(work) {
      const done = last.then(work);
      // The next one waits for this one to end, however it ends.
      last = done.catch(() => undefined);
      return done;
    },
  };
}
