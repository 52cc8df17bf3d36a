/** Bytes of a client as JSON, or what it is told in place of an answer. */
import { isUtf8 } from 'node:buffer';

import { messageOf } from '../../errors.ts';
import { excessOf } from '../../wire/extent.ts';
import { type RequestId, requestIdOf } from '../../wire/message.ts';
import { ERROR } from './protocol.ts';

export type Parsed =
  | { readonly type: 'json'; readonly value: unknown }
  | {
      readonly type: 'refused';
      readonly code: number;
      readonly message: string;
      /** Where there is one all the same. */
      readonly id?: RequestId | undefined;
    };

/**
 * More than anything that is meant: what walks through arguments later does so on the stack, and takes some microseconds for each
 * key, in which nobody else is answered.
 */
const LIMITS = { maxDepth: 256, maxParts: 250_000 } as const;

/** `release`: gives the bytes back as soon as they are a text. */
export function parseMessage(bytes: Buffer, release: () => void = () => undefined): Parsed {
  const sizeBytes = bytes.length;
  const text = isUtf8(bytes) ? bytes.toString('utf8') : undefined;
  release();
  if (text === undefined) return refused(ERROR.parse, 'This is no JSON: it is not UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refused(ERROR.parse, `This is no JSON: ${messageOf(error).slice(0, 200)}`);
  }
  // Each level takes two bytes.
  const excess = sizeBytes < 2 * LIMITS.maxDepth ? undefined : excessOf(value, LIMITS);
  if (excess === undefined) return { type: 'json', value };
  return { ...refused(ERROR.invalidRequest, EXCESS[excess]), id: requestIdOf(value) };
}

const EXCESS = {
  depth: `The message is nested deeper than ${LIMITS.maxDepth} arrays and objects. Send it flatter.`,
  parts: `The message has more than ${LIMITS.maxParts} arrays, objects and keys. Send it in parts.`,
} as const;

function refused(code: number, message: string): Parsed & { readonly type: 'refused' } {
  return { type: 'refused', code, message };
}
