/** The model server of the bench, in a process of its own. */
import { join } from 'node:path';

import { LineProcess } from './line-process.ts';

export interface ModelProcess extends AsyncDisposable {
  readonly url: string;
  /** How many requests it has answered since it was last asked. */
  readonly answered: () => Promise<number>;
}

export async function startModel(): Promise<ModelProcess> {
  const child = new LineProcess([join(import.meta.dirname, 'model-server.ts')]);
  const url = await child.line();
  return {
    url,
    answered: async () => Number(await (await fetch(`${url}/count`)).text()),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
