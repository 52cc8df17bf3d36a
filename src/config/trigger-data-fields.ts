import type { TriggerKind } from './trigger-config.ts';

/** What the events of each kind carry, for placeholders that name a field. Undefined: whoever sends it decides. */
export const DATA_FIELDS: Readonly<Record<TriggerKind, readonly string[] | undefined>> = {
  schedule: ['scheduledAt', 'missed'],
  file: ['change', 'path', 'name', 'absolutePath', 'sizeBytes', 'modifiedAt'],
  webhook: ['body', 'headers', 'query', 'type'],
  resource: ['uri', 'server', 'mimeType', 'text', 'isCut', 'length', 'blobs'],
};
