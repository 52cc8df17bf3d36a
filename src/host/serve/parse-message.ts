/** Bytes of a client as JSON, or what it is told in place of an answer. */
import { isUtf8 } from 'node:buffer';

import { messageOf } from '../../errors.ts';
import { isDeeperThan } from '../../wire/depth.ts';
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

/** Deeper than anything that is meant; what walks through arguments later does so on the stack. */
const MAX_DEPTH = 256;

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
  if (sizeBytes >= 2 * MAX_DEPTH && isDeeperThan(MAX_DEPTH, value))
    return {
      type: 'refused',
      code: ERROR.invalidRequest,
      message: `The message is nested deeper than ${MAX_DEPTH} arrays and objects. Send it flatter.`,
      id: requestIdOf(value),
    };
  return { type: 'json', value };
}

function refused(code: number, message: string): Parsed {
  return { type: 'refused', code, message };
}
