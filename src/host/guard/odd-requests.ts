/**
 * Requests that have nothing to do with what is around them: "What is the capital of Brazil?" amid an invoice. Alone each is
 * harmless; within material that nobody wrote to the model it is not what the text is about.
 */

/** How sure it is, from 0 to 1. `text` as it was written, with its case. */
export function oddRequest(text: string): number {
  if (text.length < MIN_LENGTH) return 0;
  const lines = text.split('\n');
  const rows = lines.filter(isRow).length;
  const isTable = rows >= 3 && rows >= lines.filter((line) => line.trim() !== '').length / 2;
  // A line of a table that is no row and asks for something is of another hand.
  if (isTable) return lines.some((line) => !isRow(line) && sentencesOf(line).some(isRequest)) ? 0.85 : 0;
  const counts = wordCounts(text);
  const sentences = proseOf(text).flatMap(sentencesOf);
  const requests = sentences.filter(isRequest);
  // Where much is asked, or little else is said, asking is the matter.
  if (requests.length > MAX_REQUESTS || sentences.length - requests.length < MIN_OTHER_SENTENCES) return 0;
  return requests.some((sentence) => isUnrelated(sentence, counts)) ? 0.65 : 0;
}

/** Below this there is nothing around a request. */
const MIN_LENGTH = 160;
const MAX_REQUESTS = 8;
const MIN_OTHER_SENTENCES = 3;

const TASKS =
  'write|compose|draft|explain|describe|summari[sz]e|translate|provide|create|generate|list|calculate|compute|define|identify|discuss|outline|rewrite|paraphrase|replace|substitute|swap|misspell|scramble|rearrange|shuffle|reverse|insert|add|include|append|integrate|incorporate|embed|weave|mention|modify|alter|augment|enhance|use|give|tell|show|teach|help|suggest|recommend|imagine|pretend|act|answer|respond|reply|say|print|output|convert|encode|decode|spell|remove|omit|group|break|compare|analy[sz]e|develop|design|solve|name|state|make|put|ensure|blend|merge|fuse|infuse|present|offer|promote|highlight|emphasi[sz]e|conceal|disguise|randomi[sz]e|mix|anagram|capitali[sz]e|complete|craft|prepare|outline|sing|tease|share|express|schreibe?|erkläre?|übersetze|nenne|fasse|erstelle|verfasse|gib|sag';
const IMPERATIVE = new RegExp(
  `^["'“(*-]{0,3}(?:please |kindly |bitte |also,? |then,? |now,? |and )?(?:${TASKS})\\b(?!:|\\()`,
  'i',
);
const QUESTION =
  /^["'“(*-]{0,3}(?:(?:what|who|whom|whose|which|when|where|why|how|was|wer|wie|warum|wo|wann)(?:['’]s)?\b|(?:can|could|would|will) you\b)[^?]{4,200}\?$/i;
/** A request about the answer itself, wherever it stands. */
const ABOUT_ANSWER =
  /\b(?:in|to|of|with|into|throughout|within|from) (?:your|the) (?:\w+ ){0,2}(?:answer|reply|response|output|text)\b|\byour (?:answer|reply|response)\b/i;

function isRequest(sentence: string): boolean {
  const words = sentence.split(/\s+/).length;
  if (words < 3 || words > 60) return false;
  return (
    QUESTION.test(sentence) || (IMPERATIVE.test(sentence) && (words >= 4 || ABOUT_ANSWER.test(sentence)))
  );
}

function isUnrelated(sentence: string, counts: ReadonlyMap<string, number>): boolean {
  const own = wordCounts(sentence);
  const content = [...own.keys()].filter((word) => !COMMON.has(word));
  if (content.length === 0) return false;
  const shared = content.filter((word) => (counts.get(word) ?? 0) > (own.get(word) ?? 0));
  return ABOUT_ANSWER.test(sentence)
    ? shared.length <= content.length / 3
    : shared.length === 0 && content.length >= 2;
}

/** Lines outside of fenced code. */
function proseOf(text: string): string[] {
  return text.replaceAll(/```[\s\S]*?(?:```|$)/g, '\n').split('\n');
}

function sentencesOf(line: string): string[] {
  return line
    .split(/(?<=[.!?])\s+|(?<=[.!?])(?=[A-Z])|[|•]|(?<=:)\s+(?=[A-Z])/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');
}

function isRow(line: string): boolean {
  return (line.match(/\|/g)?.length ?? 0) >= 2 || (line.match(/\t/g)?.length ?? 0) >= 2;
}

/** By their first six letters, so that forms of a word are one. */
function wordCounts(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [word] of text.toLowerCase().matchAll(/\p{L}{3,}/gu)) {
    const stem = word.slice(0, 6);
    counts.set(stem, (counts.get(stem) ?? 0) + 1);
  }
  return counts;
}

const COMMON = new Set(
  'the and for with your you what who how why when where which are was were this that these those can could would will from into have has any all its please about more most some such than then them they their our not but one two first every each use using write give tell show make answer reply respons explai descri provid includ following'
    .split(' ')
    .map((word) => word.slice(0, 6)),
);
