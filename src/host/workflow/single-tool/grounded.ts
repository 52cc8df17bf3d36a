/**
 * Whether a small model's sentence holds to what a tool said: every number and every capitalised word of it must occur in
 * the result or in the question. A sentence that fails is not shown.
 */
export function isGrounded(answer: string, ...sources: readonly string[]): boolean {
  const known = new Set(sources.flatMap((source) => tokensOf(source).map(normal)));
  const sentences = answer.split(/(?<=[.!?:])\s+|\n+/);
  return sentences.every((sentence) =>
    tokensOf(sentence).every((token, index) => {
      if (!/^[\p{Lu}\p{N}]/u.test(token) && !/\p{N}/u.test(token)) return true;
      const opens = index === 0 && OPENERS.has(token.toLowerCase());
      return opens || known.has(normal(token));
    }),
  );
}

/** A sentence may begin with one of these whatever the tool said. */
const OPENERS = new Set(
  'a all an and as at both but by each every for from he her here his if in it its no none not of on one only or our she since some that the their there these they this those to we what when where which while who with yes you your'.split(
    ' ',
  ),
);

/** Letters and digits, with what joins them within a number, a version or a file's name. */
function tokensOf(text: string): readonly string[] {
  return text.match(/[\p{L}\p{N}]+(?:[.,:/_-][\p{L}\p{N}]+)*/gu) ?? [];
}

/** `1,234` and `1234` are one number. */
function normal(token: string): string {
  return token.toLowerCase().replaceAll(/(?<=\p{N}),(?=\p{N}{3})/gu, '');
}
