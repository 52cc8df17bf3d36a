/** Which source a trigger's events come from. */
import type { TriggerConfig } from '../../config/trigger-config.ts';
import type { WebhooksSettings } from '../../config/webhooks-settings.ts';
import type { LogSink } from '../../registry/contract.ts';
import type { SourceOptions, TriggerSource } from './source.ts';
import type { SourceMemory } from './source-memory.ts';
import { openFileSource } from './source/file/file-source.ts';
import { openResourceSource, type ResourceSurroundings } from './source/resource/resource-source.ts';
import type { ScheduleParts } from './source/schedule.ts';
import { WebhookListener } from './source/webhook/listener.ts';
import { openWebhookSource } from './source/webhook/webhook-source.ts';

/** What sources reach besides the trigger that they belong to. */
export interface SourceSurroundings {
  /** What relative paths count from: the folder of the config. */
  readonly folder: string;
  readonly homeFolder: string;
  readonly registry: ResourceSurroundings['registry'];
  /** Those of the moment. */
  readonly webhooks: () => WebhooksSettings;
  readonly memoryOf: (trigger: string) => SourceMemory;
  readonly log: LogSink;
  /** What the schedule of a trigger works with. */
  readonly schedule: (trigger: string) => ScheduleParts;
}

/** Opens sources for as long as the daemon runs. What several of them share, such as a port, ends with it. */
export interface SourceOpener extends AsyncDisposable {
  /** Rejects with HostError where the source cannot be opened; it is tried again later. */
  open(trigger: TriggerConfig, options: SourceOptions): Promise<TriggerSource>;
}

export function createSourceOpener(surroundings: SourceSurroundings): SourceOpener {
  const { folder, homeFolder, registry, webhooks, log } = surroundings;
  const listener = new WebhookListener({ settings: webhooks, log });
  return {
    async open({ webhook, file, resource, schedule }, options) {
      const memory = surroundings.memoryOf(options.trigger);
      if (webhook !== undefined)
        return openWebhookSource(webhook, options, { listener, settings: webhooks, log });
      if (file !== undefined) return openFileSource(file, options, { folder, homeFolder, memory });
      if (resource !== undefined) return openResourceSource(resource, options, { registry, memory });
      if (schedule !== undefined) {
        const { openSchedule } = await import('./source/schedule.ts');
        return openSchedule(schedule, options, surroundings.schedule(options.trigger));
      }
      throw new Error('A trigger without a source has passed the schema.');
    },
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}
