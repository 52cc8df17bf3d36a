/** What is said of going on with a conversation, or with a request of it. */
export function goOnWith(sessionId: string): string {
  return `To go on: switchyard chat --session ${sessionId}`;
}

export const CUT_OFF = 'The last request was cut off: /continue goes on with it.';
export const NOT_CUT_OFF = 'The last request came to its end: there is nothing to go on with.';
