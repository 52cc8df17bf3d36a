import type { CallFlags } from './commands.ts';
import { jsonArgument } from './json-argument.ts';
import { operate } from './operation.ts';

export async function prompt(name: string, json: string | undefined, flags: CallFlags): Promise<void> {
  const args = await jsonArgument(json, '{"name": "value"}');
  const texts = Object.fromEntries(
    Object.entries(args).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
  await operate(
    flags,
    ({ host }, options) => host.registry.prompt(name, texts, options),
    (result) => result['messages'],
  );
}
