import { BUILTIN_NAMES, type BuiltinName } from '../../config/server-definition.ts';
import { HostError } from '../../errors.ts';

type Main = { main(argv: readonly string[]): Promise<void> };

const MAINS: Readonly<Record<BuiltinName, () => Promise<Main>>> = {
  retrieval: () => import('../../servers/retrieval/main.ts'),
  memory: () => import('../../servers/memory/main.ts'),
  filesystem: () => import('../../servers/filesystem/main.ts'),
  web: () => import('../../servers/web/main.ts'),
};

/** One of our own servers alone. It reads its own options. */
export async function server(name: string, options: readonly string[]): Promise<void> {
  const known = BUILTIN_NAMES.find((builtin) => builtin === name);
  if (!known) {
    throw new HostError('usage', `There is no server "${name}". There are ${BUILTIN_NAMES.join(', ')}.`);
  }
  const module = await MAINS[known]();
  await module.main(options);
}
