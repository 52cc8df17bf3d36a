/** What a history that keeps everything would send in the same conversation. */
import { type CountedRequest, tokensOf } from './conversation.ts';

export interface NaiveRequest {
  readonly tokens: number;
  /** Which of them a cache would hold from the request before. */
  readonly cachedTokens: number;
}

/** `resultTokens`: of one result as the tool gave it, or as it was cut when it came. */
export function naiveRequests(
  requests: readonly CountedRequest[],
  resultTokens: number,
): readonly NaiveRequest[] {
  const [first, second] = requests;
  if (first === undefined || second === undefined) return [];
  // The first request holds what is fixed and one question; the second adds a call and its result as it is shown.
  const question = 60;
  const answer = 90;
  const call = 40;
  const naive: NaiveRequest[] = [];
  let history = first.tokens - question;
  const send = (): void => {
    naive.push({ tokens: history, cachedTokens: naive.at(-1)?.tokens ?? 0 });
  };
  const turns = (requests.at(-1)?.turn ?? 0) + 1;
  for (let turn = 0; turn < turns; turn += 1) {
    history += question;
    send();
    history += call + resultTokens;
    send();
    history += answer;
  }
  return naive;
}

/** The tokens at the beginning of each request that the one before began with. */
export function commonTokens(requests: readonly CountedRequest[]): readonly number[] {
  return requests.map(({ text }, index) => {
    const before = requests[index - 1]?.text ?? '';
    let low = 0;
    let high = Math.min(before.length, text.length);
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (text.startsWith(before.slice(0, middle))) low = middle;
      else high = middle - 1;
    }
    return tokensOf(text.slice(0, low));
  });
}
