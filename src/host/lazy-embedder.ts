import { embedderFolder } from '../config/environment.ts';
import type { Embedder } from '../embedding/contract.ts';
import type { HostOptions } from './contract.ts';
import type { Embed } from './context.ts';

/** One process for whoever needs vectors, opened at the first use. */
export function createLazyEmbedder({
  homeFolder,
  env,
}: Pick<HostOptions, 'homeFolder' | 'env'>): AsyncDisposable & { readonly embed: Embed } {
  let opened: Promise<Embedder> | undefined;
  const open = async (): Promise<Embedder> => {
    const { openEmbedder } = await import('../embedding/index.ts');
    return openEmbedder({ homeFolder, folder: embedderFolder(homeFolder, env) });
  };
  return {
    embed: async (texts, signal) => {
      opened ??= open();
      return (await opened).embed(texts, { signal });
    },
    async [Symbol.asyncDispose]() {
      await (await opened)?.[Symbol.asyncDispose]();
    },
  };
}
