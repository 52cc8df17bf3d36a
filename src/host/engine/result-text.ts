import { constants } from 'node:buffer';

import { HostError, messageOf } from '../../errors.ts';

/** Node reads no file as text whose bytes are more than a string may hold. */
const MAX_BYTES = constants.MAX_STRING_LENGTH;
const UTF8_BYTES_A_UNIT = 3;

/**
 * What a step gave as it is journaled. JSON has no `undefined`, functions or cycles: what it cannot carry is an error here
 * rather than a difference at resume. Throws HostError `step-not-json` or `step-too-large`.
 */
export function resultText(value: unknown, step: string): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    const bytes = sizeOf(value, new Set());
    if (bytes > MAX_BYTES) throw tooLarge(step, bytes);
    throw notJson(step, `a value that JSON cannot carry (${messageOf(error)})`);
  }
  if (text === undefined) throw notJson(step, `${typeof value}, which JSON cannot carry`);
  if (text.length * UTF8_BYTES_A_UNIT > MAX_BYTES) {
    const bytes = Buffer.byteLength(text);
    if (bytes > MAX_BYTES) throw tooLarge(step, bytes);
  }
  return text;
}

function notJson(step: string, what: string): HostError {
  return new HostError('step-not-json', `Step ${step} returned ${what}. Return null for nothing.`);
}

function tooLarge(step: string, bytes: number): HostError {
  const megabytes = (size: number): string => `${Math.floor(size / 1_000_000)} MB`;
  return new HostError(
    'step-too-large',
    `Step ${step} returned ${megabytes(bytes)}, and a step may return ${megabytes(MAX_BYTES)}. Write it to a file in the ` +
      'step and return the path, or make several steps of it.',
    { data: { bytes, maxBytes: MAX_BYTES } },
  );
}

/** At least this many bytes are in the JSON of a value that is too large to have one. */
function sizeOf(value: unknown, above: Set<object>): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value !== 'object' || value === null || above.has(value)) return 1;
  above.add(value);
  let size = 2;
  for (const [key, item] of Object.entries(value)) {
    size += sizeOf(item, above) + (Array.isArray(value) ? 1 : Buffer.byteLength(key) + 4);
  }
  above.delete(value);
  return size;
}
