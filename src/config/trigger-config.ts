/** Triggers as a config writes them. Types, and what a source may be. */
import type { Json } from '../json.ts';
import type { FileTriggerConfig } from './trigger-file-schema.ts';
import type { ResourceTriggerConfig } from './trigger-resource-schema.ts';
import type { ScheduleTriggerConfig } from './trigger-schedule-schema.ts';
import type { WebhookTriggerConfig } from './trigger-webhook-schema.ts';

/** Exactly one of the keys of `TRIGGER_KINDS`. */
export interface TriggerConfig {
  readonly description?: string;
  /** Its name. */
  readonly workflow: string;
  /** Text in it may have placeholders. */
  readonly input?: Json;
  readonly overlap?: OverlapPolicy;
  readonly maxParallel?: number;
  readonly maxQueued?: number;
  readonly maxRunsPerHour?: number;
  readonly debounceMs?: number;
  readonly schedule?: ScheduleTriggerConfig;
  readonly file?: FileTriggerConfig;
  readonly webhook?: WebhookTriggerConfig;
  readonly resource?: ResourceTriggerConfig;
}

export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

/** What becomes of an event while a run of its trigger is under way. */
export const OVERLAP_POLICIES = ['queue', 'skip', 'parallel', 'replace'] as const;

/** Where events come from; of these keys a trigger has one. */
export const TRIGGER_KINDS = [
  'schedule',
  'file',
  'webhook',
  'resource',
] as const satisfies readonly (keyof TriggerConfig)[];

export type TriggerKind = (typeof TRIGGER_KINDS)[number];

/** The defaults of what is not written. */
export const DEFAULT_TRIGGER = {
  overlap: 'queue',
  maxParallel: 4,
  maxQueued: 100,
  maxRunsPerHour: 60,
  debounceMs: 0,
  input: 'Event {{event.id}} of {{event.at}}:\n{{data}}',
} as const satisfies Partial<TriggerConfig>;

export function kindOf(trigger: TriggerConfig): TriggerKind {
  const kind = TRIGGER_KINDS.find((key) => trigger[key] !== undefined);
  if (kind === undefined) throw new Error('A trigger without a source has passed the schema.');
  return kind;
}

/** A trigger with what is not written filled in. */
export interface TriggerSettings
  extends Required<
    Pick<
      TriggerConfig,
      'workflow' | 'overlap' | 'maxParallel' | 'maxQueued' | 'maxRunsPerHour' | 'debounceMs' | 'input'
    >
  > {
  readonly name: string;
}

export function triggerSettings(name: string, trigger: TriggerConfig): TriggerSettings {
  const { workflow, overlap, maxParallel, maxQueued, maxRunsPerHour, debounceMs, input } = {
    ...DEFAULT_TRIGGER,
    ...trigger,
  };
  return { name, workflow, overlap, maxParallel, maxQueued, maxRunsPerHour, debounceMs, input };
}
