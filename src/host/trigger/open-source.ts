/** Which source a trigger's events come from. */
import { kindOf, type TriggerConfig } from '../../config/trigger-config.ts';
import { HostError } from '../../errors.ts';
import type { LogSink, Registry } from '../../registry/contract.ts';
import type { SourceOptions, TriggerSource } from './source.ts';

/** What sources reach besides the trigger that they belong to. */
export interface SourceSurroundings {
  /** What relative paths count from: the folder of the config. */
  readonly folder: string;
  readonly registry: Pick<Registry, 'subscribe' | 'read'>;
  readonly log: LogSink;
}

/** Opens sources for as long as the daemon runs. What several of them share, such as a port, ends with it. */
export interface SourceOpener extends AsyncDisposable {
  /** Rejects with HostError where the source cannot be opened; it is tried again later. */
  open(trigger: TriggerConfig, options: SourceOptions): Promise<TriggerSource>;
}

export function createSourceOpener(_surroundings: SourceSurroundings): SourceOpener {
  return {
    async open(trigger, options) {
      const kind = kindOf(trigger);
      switch (kind) {
        case 'schedule':
        case 'file':
        case 'webhook':
        case 'resource':
          throw new HostError(
            'trigger-source-unavailable',
            `The trigger '${options.trigger}' cannot be opened: this version has no source of the kind '${kind}'.`,
          );
        default:
          return kind satisfies never;
      }
    },
    async [Symbol.asyncDispose]() {
      // Nothing is shared by what is open.
    },
  };
}
