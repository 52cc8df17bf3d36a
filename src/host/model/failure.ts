/** Turns what an SDK or a broken answer throws into a ModelFailure. */
import { messageOf } from '../../errors.ts';
import { isJsonObject } from '../../json.ts';
import type { ModelFailure } from './model.ts';
import { redact } from './redact.ts';
import { retryAfterMs } from './retry-after.ts';

type FailureCode = ModelFailure['code'];

/** An answer that breaks its protocol (`invalid-answer`) or stops before its end (`connection`). */
export class AnswerFault extends Error {
  readonly code: 'invalid-answer' | 'connection';

  constructor(code: 'invalid-answer' | 'connection', message: string) {
    super(message);
    this.name = 'AnswerFault';
    this.code = code;
  }
}

/** Runs one step of reading an answer; whatever goes wrong in it is the answer's fault. */
export function readAnswer<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof AnswerFault) throw error;
    throw new AnswerFault('invalid-answer', `an event has not the documented shape: ${messageOf(error)}`);
  }
}

export interface FailureContext {
  readonly model: string;
  readonly baseUrl: string;
  /** Values that must not appear in a message. */
  readonly secrets: readonly string[];
  /** Where the key came from: a variable's name or a path in the config. */
  readonly keySource: string;
}

type ErrorClass = abstract new (...parameters: never[]) => Error;

/** Both SDKs name and shape their error classes alike. */
export interface ErrorClasses {
  readonly APIError: ErrorClass;
  readonly APIConnectionError: ErrorClass;
  readonly APIConnectionTimeoutError: ErrorClass;
}

export function cancelledFailure(model: string): ModelFailure {
  return { code: 'cancelled', message: `${model}: the request was cancelled.`, retryable: false, model };
}

export function toModelFailure(
  error: unknown,
  classes: ErrorClasses | undefined,
  context: FailureContext,
): ModelFailure {
  const fault = describe(error, classes);
  const code = codeOf(fault);
  const detail = redact(fault.message, context.secrets).replaceAll(/\s+/g, ' ').trim().slice(0, 500);
  const shown = [fault.status, detail].filter((part) => part !== undefined && part !== '').join(' ');
  const waitMs = retryAfterMs(fault.headers);
  const refusesRetry =
    fault.words.includes('insufficient_quota') || fault.headers?.get('x-should-retry') === 'false';
  return {
    code,
    message: `${context.model}: ${redact(sentence(code, context), context.secrets).replace('{detail}', () => shown)}`,
    retryable: RETRYABLE.has(code) && !refusesRetry,
    model: context.model,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    ...(fault.status === undefined ? {} : { status: fault.status }),
  };
}

interface Fault {
  readonly code?: FailureCode;
  readonly status?: number;
  readonly headers?: Headers;
  /** The provider's own words for the kind of error. */
  readonly words: readonly string[];
  readonly message: string;
}

function describe(error: unknown, classes: ErrorClasses | undefined): Fault {
  if (error instanceof AnswerFault) return { code: error.code, words: [], message: error.message };
  if (error instanceof SyntaxError) return { code: 'invalid-answer', words: [], message: error.message };
  if (classes !== undefined) {
    if (error instanceof classes.APIConnectionTimeoutError) {
      return { code: 'timeout', words: [], message: error.message };
    }
    if (error instanceof classes.APIConnectionError) {
      return { code: 'connection', words: [], message: rootMessage(error) };
    }
    if (error instanceof classes.APIError) return describeApiError(error);
  }
  if (error instanceof Error && (error.message === 'terminated' || error.cause !== undefined)) {
    return { code: 'connection', words: [], message: rootMessage(error) };
  }
  return { code: 'invalid-request', words: [], message: messageOf(error) };
}

function describeApiError(error: Error & { status?: unknown; headers?: unknown; error?: unknown }): Fault {
  const body = error.error;
  const detail = isJsonObject(body) && isJsonObject(body.error) ? body.error : body;
  const words: string[] = [];
  let { message } = error;
  if (isJsonObject(detail)) {
    for (const word of [detail.type, detail.code, detail.status])
      if (typeof word === 'string') words.push(word);
    if (typeof detail.message === 'string') message = detail.message;
  } else if (typeof detail === 'string') {
    message = detail;
  }
  return {
    ...(typeof error.status === 'number' ? { status: error.status } : {}),
    ...(error.headers instanceof Headers ? { headers: error.headers } : {}),
    words,
    message,
  };
}

/** The deepest cause says what happened (`connect ECONNREFUSED …`); the outer ones only that something did. */
function rootMessage(error: Error): string {
  let deepest: Error = error;
  for (let depth = 0; depth < 8 && deepest.cause instanceof Error; depth += 1) deepest = deepest.cause;
  const code = 'code' in deepest && typeof deepest.code === 'string' ? deepest.code : '';
  return deepest.message.includes(code) ? deepest.message : `${code} ${deepest.message}`;
}

const RETRYABLE = new Set<FailureCode>([
  'rate-limited',
  'overloaded',
  'server-error',
  'connection',
  'timeout',
  'invalid-answer',
]);

const WORDS: Readonly<Record<string, FailureCode>> = {
  authentication_error: 'authentication',
  invalid_api_key: 'authentication',
  permission_error: 'permission',
  billing_error: 'permission',
  not_found_error: 'not-found',
  model_not_found: 'not-found',
  request_too_large: 'context-overflow',
  context_length_exceeded: 'context-overflow',
  exceed_context_size_error: 'context-overflow',
  rate_limit_error: 'rate-limited',
  rate_limit_exceeded: 'rate-limited',
  insufficient_quota: 'rate-limited',
  overloaded_error: 'overloaded',
  timeout_error: 'timeout',
};

const STATUSES: Readonly<Record<number, FailureCode>> = {
  401: 'authentication',
  402: 'permission',
  403: 'permission',
  404: 'not-found',
  408: 'timeout',
  409: 'server-error',
  413: 'context-overflow',
  429: 'rate-limited',
  503: 'overloaded',
  504: 'timeout',
  529: 'overloaded',
};

const OVERFLOW =
  /prompt is too long|context (?:length|window|size)|maximum context|too many (?:input )?tokens|exceeds? .*\btokens?\b/i;
const BAD_KEY = /api key not valid|invalid api key|incorrect api key/i;

function codeOf({ code, status, words, message }: Fault): FailureCode {
  if (code !== undefined) return code;
  for (const word of words) {
    const known = WORDS[word];
    if (known !== undefined) return known;
  }
  if (status === 400 && BAD_KEY.test(message)) return 'authentication';
  if ((status === 400 || status === 422) && OVERFLOW.test(message)) return 'context-overflow';
  if (status === undefined)
    return words.includes('invalid_request_error') ? 'invalid-request' : 'server-error';
  return STATUSES[status] ?? (status >= 500 ? 'server-error' : 'invalid-request');
}

function sentence(code: FailureCode, { baseUrl, keySource }: FailureContext): string {
  switch (code) {
    case 'authentication':
      return `the key was refused ({detail}). Check ${keySource}.`;
    case 'permission':
      return `the key of ${keySource} may not use this model, or its account has no credit ({detail}). Check the account.`;
    case 'not-found':
      return `there is no such model or path at ${baseUrl} ({detail}). Check the model's name and the base URL.`;
    case 'invalid-request':
      return 'the request was refused ({detail}). Another model may take it.';
    case 'context-overflow':
      return 'the request is larger than the model takes ({detail}). Shorten the conversation or offer fewer tools.';
    case 'rate-limited':
      return 'the rate limit or quota is used up ({detail}). Wait, or name a second model as fallback.';
    case 'overloaded':
      return 'the provider is overloaded ({detail}). Wait, or name a second model as fallback.';
    case 'server-error':
      return 'the provider failed ({detail}). Try again, or name a second model as fallback.';
    case 'connection':
      return `the connection to ${baseUrl} failed ({detail}). Check that the server runs and the network reaches it.`;
    case 'timeout':
      return `${baseUrl} did not answer in time ({detail}). Try again, or name a second model as fallback.`;
    case 'invalid-answer':
      return `the answer of ${baseUrl} is broken ({detail}). Try again; check that this URL speaks the provider's protocol.`;
    case 'unavailable':
      return 'its provider is not asked for now ({detail}). Wait, or name a second model as fallback.';
    case 'not-recorded':
      return 'no answer to this request is recorded ({detail}).';
    case 'cancelled':
      return 'the request was cancelled.';
    default:
      return code satisfies never;
  }
}
