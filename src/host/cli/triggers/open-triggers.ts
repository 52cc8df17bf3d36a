/** What the commands about triggers begin with: the config that names them, and where their events are kept. */
import type { Config } from '../../../config/config.ts';
import { homeFolder } from '../../../config/environment.ts';
import { didYouMean, nearestName } from '../../../config/problem.ts';
import type { TriggerConfig } from '../../../config/trigger-config.ts';
import { HostError } from '../../../errors.ts';
import { openState, type State } from '../../state.ts';
import type { TriggerPlace } from '../../trigger/event-store.ts';
import type { GlobalFlags } from '../commands.ts';
import { readConfig } from '../config-and-log.ts';

export interface OpenedTriggers extends Disposable {
  readonly config: Config;
  readonly state: State;
  readonly place: (trigger: string) => TriggerPlace;
}

export async function openTriggers(flags: GlobalFlags): Promise<OpenedTriggers> {
  const config = await readConfig(flags, process.cwd());
  const state = openState(homeFolder());
  return {
    config,
    state,
    place: (trigger) => ({ configFile: config.file, trigger }),
    [Symbol.dispose]: () => state[Symbol.dispose](),
  };
}

/** Throws HostError `unknown-trigger`. */
export function triggerNamed({ file, triggers }: Config, name: string): TriggerConfig {
  const trigger = Object.hasOwn(triggers, name) ? triggers[name] : undefined;
  if (trigger !== undefined) return trigger;
  const names = Object.keys(triggers);
  throw new HostError(
    'unknown-trigger',
    names.length === 0
      ? `There is no trigger "${name}": ${file} has none under "triggers".`
      : `There is no trigger "${name}" in ${file}. There are ${names.join(', ')}.${didYouMean(nearestName(name, names))}`,
  );
}
