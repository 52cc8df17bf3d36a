import type { TriggerKind } from './trigger-config.ts';

/** What the events of each kind carry, for placeholders that name a field. */
export const DATA_FIELDS: Readonly<Record<TriggerKind, readonly string[]>> = {
  schedule: ['scheduledAt', 'missed'],
  file: ['change', 'path', 'name', 'absolutePath', 'sizeBytes', 'modifiedAt'],
  webhook: ['body', 'type', 'query', 'headers'],
  resource: ['uri', 'server', 'text', 'isCut', 'length', 'mimeType', 'blobs'],
};
