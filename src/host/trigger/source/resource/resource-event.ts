/** What is told of a resource whose content is another than before. */
import { createHash } from 'node:crypto';

import {
  DEFAULT_MAX_TEXT_LENGTH,
  type ResourceTriggerConfig,
} from '../../../../config/trigger-resource-schema.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../../json.ts';
import type { TriggerEvent } from '../../source.ts';

export interface Content {
  /** Equal for equal content. What a server tells about it (`_meta`, annotations) may differ from time to time. */
  readonly hash: string;
  readonly text: string;
  readonly mimeType: string | undefined;
  /** Parts that are no text. */
  readonly blobs: number;
}

/** What a server answered to `resources/read`. */
export function contentOf({ contents }: JsonObject): Content {
  const parts = (Array.isArray(contents) ? contents : []).filter(isJsonObject);
  const texts = parts.flatMap(({ text }) => (typeof text === 'string' ? [text] : []));
  const told = parts.map(
    ({ uri, mimeType, text, blob }): Json => [uri, mimeType, text, blob].map((value) => value ?? null),
  );
  const mimeType = parts[0]?.['mimeType'];
  return {
    hash: createHash('sha256').update(JSON.stringify(told)).digest('hex'),
    text: texts.join('\n'),
    mimeType: typeof mimeType === 'string' ? mimeType : undefined,
    blobs: parts.filter(({ blob }) => typeof blob === 'string').length,
  };
}

/** What was seen last. `ordinal` counts the contents that were seen: the same may come again after another. */
export interface SeenContent {
  readonly hash: string;
  readonly ordinal: number;
}

type Settings = Pick<ResourceTriggerConfig, 'uri' | 'server' | 'text' | 'maxTextLength'>;

/** `ordinal`: that of the content. The id is of this content at this turn: told again, after a crash, it is the same. */
export function resourceEvent(
  { uri, server, text: isTold = true, maxTextLength = DEFAULT_MAX_TEXT_LENGTH }: Settings,
  { hash, text, mimeType, blobs }: Content,
  ordinal: number,
): TriggerEvent {
  const id = createHash('sha256').update([uri, ordinal, hash].join('\n')).digest('hex');
  const isCut = text.length > maxTextLength;
  const whole = {
    text: isCut ? `${head(text, maxTextLength)}…` : text,
    ...(isCut ? { length: text.length } : {}),
  };
  return {
    id: `resource-${id}`,
    atMs: Date.now(),
    data: {
      uri,
      ...(server === undefined ? {} : { server }),
      ...(mimeType === undefined ? {} : { mimeType }),
      ...(isTold ? { ...whole, isCut } : {}),
      ...(blobs === 0 ? {} : { blobs }),
    },
  };
}

/** Not in the middle of a character. */
function head(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd8_00 && last <= 0xdb_ff ? length - 1 : length);
}
