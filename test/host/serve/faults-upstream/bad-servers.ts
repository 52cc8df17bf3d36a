/** Servers that do what they should not, all behind one gateway, and what the client that calls one is told. */
import { join } from 'node:path';

import type { JsonObject } from '../../../../src/json.ts';

export interface BadServer {
  /** What it does, for the test's name. */
  readonly does: string;
  readonly name: string;
  readonly mode: string;
  readonly amount?: number;
  readonly timeoutMs?: number;
  /** `act` where it is left out. */
  readonly tool?: string;
  /** Part of the answer, and whether that is a result, an error of the tool, or one of the protocol. */
  readonly told: string;
  readonly as: 'result' | 'tool-error' | 'protocol-error';
}

const FLOOD = 50_000;
const HUGE_BYTES = 100_000_000;

export const BAD_SERVERS: readonly BadServer[] = [
  {
    does: 'lies about the schema of its result',
    name: 'lies',
    mode: 'lying-schema',
    told: "promised an output schema for 'act', but its result does not fit",
    as: 'tool-error',
  },
  {
    does: 'leaves its structured content out',
    name: 'silent',
    mode: 'lying-schema',
    tool: 'silent',
    told: "promised an output schema for 'silent', but its result has no structured content",
    as: 'tool-error',
  },
  { does: 'has a tool twice', name: 'twice', mode: 'duplicate-tools', told: 'called act', as: 'result' },
  {
    does: 'has schemas that are none',
    name: 'schemas',
    mode: 'no-schema',
    told: 'called act',
    as: 'result',
  },
  {
    does: 'never answers a call',
    name: 'mute',
    mode: 'never-answers',
    timeoutMs: 1_500,
    told: 'no answer was recorded (timeout: it did not come in time)',
    as: 'tool-error',
  },
  { does: 'prints noise on stdout', name: 'noisy', mode: 'noise', told: 'called act', as: 'result' },
  {
    does: 'prints 100 MB of noise, and half a message',
    name: 'junk',
    mode: 'noise-flood',
    amount: HUGE_BYTES,
    told: 'behind the noise',
    as: 'result',
  },
  {
    does: 'ends and leaves a grandchild that holds its stdout',
    name: 'heir',
    mode: 'leaves-heir',
    told: 'no answer was recorded (connection-lost: the connection broke before it came)',
    as: 'tool-error',
  },
  {
    does: 'ignores the end of its stdin and SIGTERM, and has a grandchild that does',
    name: 'stubborn',
    mode: 'grandchild',
    told: 'called act',
    as: 'result',
  },
  {
    does: 'answers with a line of 100 MB',
    name: 'large',
    mode: 'large-result',
    amount: HUGE_BYTES,
    told: 'switchyard://results/',
    as: 'result',
  },
  {
    does: 'answers with a line over the limit of 256 MB',
    name: 'overlong',
    mode: 'large-result',
    amount: 280_000_000,
    told: 'the limit is 268435456',
    as: 'tool-error',
  },
  {
    does: 'dies in mid-call, in the middle of a line',
    name: 'half',
    mode: 'dies-mid-call',
    told: 'no answer was recorded (connection-lost: the connection broke before it came)',
    as: 'tool-error',
  },
  {
    does: 'answers with bytes that are no UTF-8',
    name: 'bytes',
    mode: 'invalid-utf8',
    told: 'a\ufffd\ufffdb',
    as: 'result',
  },
  {
    does: 'floods progress',
    name: 'progress',
    mode: 'progress-flood',
    amount: FLOOD,
    told: 'flooded',
    as: 'result',
  },
  {
    does: 'floods log messages',
    name: 'logs',
    mode: 'log-flood',
    amount: FLOOD,
    told: 'flooded',
    as: 'result',
  },
  {
    does: 'floods changes of its list',
    name: 'lists',
    mode: 'list-flood',
    amount: FLOOD,
    told: 'flooded',
    as: 'result',
  },
  {
    does: 'answers with arrays in arrays without a floor',
    name: 'deep',
    mode: 'deep-result',
    amount: 200_000,
    told: 'nested more than 1000 levels deep',
    as: 'tool-error',
  },
  { does: 'answers one call twice', name: 'doubles', mode: 'duplicate-ids', told: 'first', as: 'result' },
  {
    does: 'answers what nobody asked',
    name: 'strangers',
    mode: 'unknown-ids',
    told: 'of the call',
    as: 'result',
  },
  {
    does: 'answers with null',
    name: 'nothing',
    mode: 'null-result',
    told: 'The server answered tools/call with null where an object is due',
    as: 'tool-error',
  },
  {
    does: 'refuses by an error of the protocol',
    name: 'refuses',
    mode: 'protocol-error',
    told: 'No such thing.',
    as: 'protocol-error',
  },
];

/** Those of which nothing comes to be listed. */
export const UNLISTED: readonly BadServer[] = [
  {
    does: 'dies at every start',
    name: 'gone',
    mode: 'exits-at-once',
    told: "Server 'gone' is not available: Its process exited with code 7; its last words: cannot start",
    as: 'protocol-error',
  },
  {
    does: 'never answers initialize',
    name: 'hangs',
    mode: 'hangs-in-handshake',
    told: "Server 'hangs' ",
    as: 'protocol-error',
  },
  {
    does: 'never answers tools/list',
    name: 'unlisted',
    mode: 'never-lists',
    told: "Server 'unlisted' has not told ",
    as: 'protocol-error',
  },
];

const FIXTURES = join(import.meta.dirname, '../../../fixtures/mcp');

/** `memory` is a file that is the server's own; the mark is in the command line of all that it starts. */
export function entryOf(
  { mode, amount = 0, timeoutMs }: Pick<BadServer, 'mode' | 'amount' | 'timeoutMs'>,
  memory: string,
  mark: string,
): JsonObject {
  return {
    command: process.execPath,
    args: [join(FIXTURES, 'misbehaving.ts'), mode, String(amount), memory, mark],
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}
