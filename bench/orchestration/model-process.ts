/** The model server of the bench, in a process of its own. */
import { join } from 'node:path';

import { LineProcess } from './line-process.ts';

export interface ModelProcess extends AsyncDisposable {
  readonly url: string;
  /** The bytes of each request since it was last asked. */
  readonly sizes: () => Promise<readonly number[]>;
}

export async function startModel(): Promise<ModelProcess> {
  const child = new LineProcess([join(import.meta.dirname, 'model-server.ts')]);
  const url = await child.line();
  return {
    url,
    sizes: async () => (await (await fetch(`${url}/sizes`)).json()) as readonly number[],
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
