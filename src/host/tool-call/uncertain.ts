/** A call that left and has no recorded answer: whether it may be sent again, and what is said of it. */
import type { UncertainPolicy } from '../../config/server-definition.ts';
import type { ToolCallRequest } from '../context.ts';
import type { Uncertain, UncertainCause } from './called.ts';

/** How often a call is sent again that may be done twice then, because the config wants it. */
const MAX_RISKS = 2;
/** How often one is that is safe to repeat; a call that brings its host down must not do so for ever. */
export const MAX_REPEATS = 10;

export type NextMove =
  /** `why`: for people, after "because". */
  | { readonly type: 'repeat'; readonly why: string; readonly onlyWithKey?: true }
  | { readonly type: 'ask' }
  | { readonly type: 'report' };

/** `before`: the causes for which this call was sent again already. */
export function nextMove(
  uncertain: Uncertain,
  request: ToolCallRequest,
  before: readonly UncertainCause[],
  policy: UncertainPolicy,
): NextMove {
  const why = whySafe(uncertain);
  if (why !== undefined && before.length < MAX_REPEATS && isWorthRepeating(uncertain, request, before)) {
    const onlyWithKey = !uncertain.readOnly && !uncertain.idempotent;
    return { type: 'repeat', why, ...(onlyWithKey ? { onlyWithKey } : {}) };
  }
  switch (policy) {
    case 'retry':
      return before.length < MAX_RISKS
        ? { type: 'repeat', why: 'the config says so ("uncertain": "retry")' }
        : { type: 'report' };
    case 'ask':
      // Nobody waits for a question about what the host does by itself.
      return { type: request.approvedBy === undefined ? 'ask' : 'report' };
    case 'report':
      return { type: 'report' };
    default:
      return policy satisfies never;
  }
}

/** Undefined where a repetition may do it twice. */
function whySafe({ readOnly, idempotent, idempotencyKey }: Uncertain): string | undefined {
  if (readOnly) return 'it only reads';
  if (idempotent) return 'doing it again changes nothing more';
  return idempotencyKey === undefined ? undefined : 'it carries an idempotency key';
}

/** Once for each cause that may pass, and as often as hosts may end; an answer that is too large is so the next time too. */
function isWorthRepeating(
  { cause }: Uncertain,
  { timeoutMs }: ToolCallRequest,
  before: readonly UncertainCause[],
): boolean {
  switch (cause) {
    case 'interrupted':
      return true;
    case 'connection-lost':
    case 'invalid-answer':
      return !before.includes(cause);
    case 'timeout':
      // Who set the time for this call wants an end of it then.
      return timeoutMs === undefined && !before.includes(cause);
    case 'cancelled':
    case 'message-too-large':
      return false;
    default:
      return cause satisfies never;
  }
}

const CAUSES: Readonly<Record<UncertainCause, string>> = {
  interrupted: 'interrupted: the program ended before it came',
  timeout: 'timeout: it did not come in time',
  'connection-lost': 'connection-lost: the connection broke before it came',
  cancelled: 'cancelled: the connection was closed here before it came',
  'message-too-large': 'message-too-large: it was too large to be read',
  'invalid-answer': 'invalid-answer: it could not be read',
};

export function causeText({ cause, message }: Pick<Uncertain, 'cause' | 'message'>): string {
  const told = cause === 'invalid-answer' || cause === 'message-too-large' ? message : undefined;
  return told === undefined ? CAUSES[cause] : `${CAUSES[cause]}. ${told}`;
}

/** For the model. `sentAtMs`: each time that it was sent. */
export function unknownOutcome(
  name: string,
  sentAtMs: readonly number[],
  uncertain: Uncertain,
  refusal: string | undefined,
): string {
  const times = sentAtMs.map((ms) => new Date(ms).toISOString()).join(' and again at ');
  const asked = refusal === undefined ? '' : ` It was not sent again: ${refusal}.`;
  return `Outcome unknown: ${name} was sent at ${times}, no answer was recorded (${causeText(uncertain)}).${asked} Check before repeating it.`;
}
