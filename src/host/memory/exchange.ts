/** What is stored of a run: what the person said and what they were answered, without secrets. */
import type { JsonObject } from '../../json.ts';
import type { ModelMessage } from '../model/model.ts';
import { replaceMasks } from '../secret/secret.ts';

export type Exchange = {
  readonly runId: string;
  /** Absent: the run belongs to no session, and only facts are taken from it. */
  readonly sessionId?: string;
  readonly request: string;
  readonly answer: string;
  /** ISO 8601, UTC. */
  readonly requestedAt: string;
  readonly answeredAt: string;
};

/** Memory is for what was said; what was pasted stays in the session, whole. */
const MOST_CHARACTERS = 20_000;
/** In place of a mask, which no tool may be given to write. */
export const SECRET = '(a secret)';

export interface ExchangeOptions extends Pick<Exchange, 'runId' | 'requestedAt' | 'answeredAt'> {
  readonly sessionId: string | undefined;
  readonly messages: readonly ModelMessage[];
  readonly answer: string;
  readonly redact: <Value extends JsonObject>(value: Value) => Value;
}

/** Undefined where one of the two said nothing in words. */
export function exchangeOf(options: ExchangeOptions): Exchange | undefined {
  const { runId, sessionId, requestedAt, answeredAt, redact } = options;
  const said = redact({ request: requestOf(options.messages), answer: options.answer });
  const [request, answer] = [said.request, said.answer].map((text) => cut(replaceMasks(text, SECRET).trim()));
  if (request === undefined || answer === undefined || request === '' || answer === '') return undefined;
  return {
    runId,
    ...(sessionId === undefined ? {} : { sessionId }),
    request,
    answer,
    requestedAt,
    answeredAt,
  };
}

/** The words of the person, without what was attached and what was recalled. */
function requestOf(messages: readonly ModelMessage[]): string {
  const first = messages.find((message) => message.role === 'user');
  return (first?.content ?? [])
    .flatMap((part) => (part.type === 'text' && part.origin === undefined ? [part.text] : []))
    .join('\n');
}

function cut(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}…`;
}
