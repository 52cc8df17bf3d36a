/** What is said when a conversation is left. */
export function goOnWith(sessionId: string): string {
  return `To go on: switchyard chat --session ${sessionId}`;
}
