/** Values that stand in a header as well as in the message (spec 2026-07-28: basic/transports/streamable-http, value encoding). */
import { isUtf8 } from 'node:buffer';

const ENCODED = /^=\?base64\?(.*)\?=$/s;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const VISIBLE = /^[\t\x20-\x7e]*$/;

/** What a header says; undefined where it is not written as it has to be. */
export function decodedHeader(value: string): string | undefined {
  const [, encoded] = ENCODED.exec(value) ?? [];
  if (encoded === undefined) return VISIBLE.test(value) ? value : undefined;
  if (!BASE64.test(encoded)) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}
