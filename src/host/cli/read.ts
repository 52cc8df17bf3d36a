import type { CallFlags } from './commands.ts';
import { operate } from './operation.ts';

export function read(uri: string, flags: CallFlags): Promise<void> {
  return operate(
    flags,
    ({ host }, options) => host.read(uri, options),
    (result) => result['contents'],
  );
}
