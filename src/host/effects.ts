/** What the config says about calls that may have to be sent again. */
import picomatch from 'picomatch';

import type { Config } from '../config/config.ts';
import type { ServerDefinition, UncertainPolicy } from '../config/server-definition.ts';
import type { EffectSettings } from './tool-call/effect-settings.ts';

export interface EffectOptions {
  readonly config: () => Pick<Config, 'servers'>;
  /** Where the config says nothing. */
  readonly uncertain: UncertainPolicy;
}

type Lookup<Value> = (tool: string) => Value | undefined;

export function createEffectSettings({ config, uncertain }: EffectOptions): EffectSettings {
  const compiled = new WeakMap<
    ServerDefinition,
    { uncertain: Lookup<UncertainPolicy>; keys: Lookup<string> }
  >();
  const of = (server: string) => {
    const definition = config().servers.find(({ name }) => name === server);
    if (definition === undefined) return undefined;
    const known = compiled.get(definition) ?? {
      uncertain: firstThatFits(
        typeof definition.uncertain === 'string' ? { '**': definition.uncertain } : definition.uncertain,
      ),
      keys: firstThatFits(definition.idempotencyKeys),
    };
    compiled.set(definition, known);
    return known;
  };
  return {
    uncertain: (server, tool) => of(server)?.uncertain(tool) ?? uncertain,
    idempotencyKey: (server, tool) => of(server)?.keys(tool),
  };
}

function firstThatFits<Value>(byGlob: Readonly<Record<string, Value>> = {}): Lookup<Value> {
  const entries = Object.entries(byGlob).map(([glob, value]) => ({
    fits: picomatch(glob, { dot: true }),
    value,
  }));
  return (tool) => entries.find(({ fits }) => fits(tool))?.value;
}
