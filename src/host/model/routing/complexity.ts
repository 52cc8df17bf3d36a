/** How hard a request looks, from its words alone: no model is asked, and the same request always comes to the same. */
import { LETTERS, languageSigns } from './complexity-language.ts';
import { codeSigns, mathSigns } from './complexity-domains.ts';
import { type Domain, distinct, type Sign, step } from './complexity-sign.ts';

export type { Domain } from './complexity-sign.ts';

export interface ComplexityContext {
  /** How many tools are at hand. */
  readonly toolCount?: number;
  /** Of the conversation before this request. */
  readonly historyTokens?: number;
  /** What was asked before in the same conversation, the latest last. */
  readonly before?: readonly string[];
}

export type Complexity = {
  /** From 0, a greeting, to 100. */
  readonly score: number;
  readonly domain: Domain;
  /** What gave points, most first: `+10 code: a fenced block`. Their sum is the score, unless that is over 100. */
  readonly reasons: readonly string[];
};

const MAX_SCORE = 100;
/** Fewer points than these do not make what a request is about. */
const MIN_DOMAIN_POINTS = 6;

/** Words are those of English, digits and signs those of everybody; a request in another language gets points for that. */
export function complexityOf(request: string, context: ComplexityContext = {}): Complexity {
  const signs = [...signsOf(request), ...surroundingSigns(context)];
  const goesOn = goesOnSign(request, sum(signs), context.before ?? []);
  const all = [...signs, ...goesOn].filter(({ points }) => points > 0).sort((a, b) => b.points - a.points);
  return {
    score: Math.min(MAX_SCORE, sum(all)),
    domain: domainOf(all),
    reasons: all.map(({ points, reason }) => `+${points} ${reason}`),
  };
}

function signsOf(request: string): readonly Sign[] {
  const { own: whole, material } = parted(request);
  const own = ends(whole);
  return [
    ...lengthSigns(whole, material),
    ...askSigns(own),
    ...codeSigns(own, material),
    ...mathSigns(own),
    ...reasoningSigns(own),
    ...constraintSigns(own),
    ...writingSigns(own),
    ...languageSigns(own),
  ];
}

const GOES_ON_WORDS = 8;
const GOES_ON_REQUESTS = 3;

/** "Yes, do that" is as hard as what it goes on with: the hardest of the last few requests. */
function goesOnSign(request: string, points: number, before: readonly string[]): readonly Sign[] {
  if (before.length === 0 || (request.match(LETTERS)?.length ?? 0) > GOES_ON_WORDS) return [];
  const earlier = before.slice(-GOES_ON_REQUESTS).map((text) => {
    const signs = signsOf(text);
    return { points: sum(signs), domain: domainOf(signs) };
  });
  const hardest = earlier.reduce((most, one) => (one.points > most.points ? one : most));
  const reason = `goes on: a request before it has ${Math.min(MAX_SCORE, hardest.points)}`;
  const { domain } = hardest;
  return [{ points: hardest.points - points, reason, ...(domain === 'general' ? {} : { domain }) }];
}

/** What a person asks, and what they pasted along: fenced blocks and quoted lines. */
function parted(request: string): { readonly own: string; readonly material: string } {
  const pasted: string[] = [];
  const keep = (piece: string): string => {
    pasted.push(piece);
    return '\n';
  };
  const own = request.replaceAll(/```[\s\S]*?(?:```|$)/g, keep).replaceAll(/^>.*$/gm, keep);
  return { own, material: pasted.join('\n') };
}

const HEAD_CHARACTERS = 6_000;
const TAIL_CHARACTERS = 2_000;

/** What is asked stands at the beginning or at the end of a text, however long that is. */
function ends(text: string): string {
  if (text.length <= HEAD_CHARACTERS + TAIL_CHARACTERS) return text;
  return `${text.slice(0, HEAD_CHARACTERS)}\n${text.slice(-TAIL_CHARACTERS)}`;
}

function lengthSigns(own: string, material: string): readonly Sign[] {
  const words = own.match(LETTERS)?.length ?? 0;
  const pasted = material.match(LETTERS)?.length ?? 0;
  const long = new Set(own.toLowerCase().match(/\p{L}{11,}/gu));
  return [
    { points: step(words, [12, 6], [40, 12], [120, 18], [400, 24]), reason: `length: ${words} words` },
    {
      points: step(pasted, [40, 4], [400, 8], [2_000, 12]),
      reason: `material: ${pasted} words pasted along`,
    },
    { points: step(long.size, [1, 4], [4, 8]), reason: `special words: ${[...long].slice(0, 3).join(', ')}` },
  ];
}

const ASK_WORDS =
  /\b(?:and (?:then|also)|then|also|finally|afterwards?|next|additionally|as well as|and (?:add|build|check|compare|create|describe|explain|find|fix|give|implement|list|make|migrate|move|propose|rewrite|show|suggest|summari[sz]e|test|update|write))\b/gi;

/** The first ask is in the length already. Answers to choose from are none. */
function askSigns(own: string): readonly Sign[] {
  const items = own.match(/^\s*(?:[-*•]|\d{1,2}[.)])\s+\S/gm)?.length ?? 0;
  const questions = own.match(/[?？؟](?:\s|$)/g)?.length ?? 0;
  const words = own.match(ASK_WORDS)?.length ?? 0;
  const asks = Math.max(1, items + questions + words);
  return [{ points: Math.min(24, (asks - 1) * 6), reason: `asks: about ${asks} things at once` }];
}

const REASONING_WORDS =
  /\b(?:why|explain|compare|contrast|trade-?offs?|pros and cons|evaluate|assess|analy[sz]e|analysis|critique|justify|argue|root cause|implications?|consequences?|step by step|reason through|strategy|design|architect(?:ure)?|plan|roadmap|diagnose|hypothes[ie]s|infer|deduce|contradict(?:s|ions?)?|puzzle|riddle|optimal|best way|what if|should (?:we|i))\b/gi;

function reasoningSigns(own: string): readonly Sign[] {
  const found = distinct(own, REASONING_WORDS);
  return [
    {
      points: Math.min(18, found.length * 6),
      reason: `reasoning: ${found.slice(0, 4).join(', ')}`,
      domain: 'reasoning',
    },
  ];
}

const CONSTRAINT_WORDS =
  /\b(?:must(?: not)?|exactly|at most|at least|no more than|no fewer than|without|only|unless|except|avoid|keep(?:ing)?|in json|as (?:a )?(?:table|json|csv|yaml)|do not|don't|never|between \d+ and \d+|in \d+ (?:words|sentences|lines|steps))\b/gi;

function constraintSigns(own: string): readonly Sign[] {
  const found = distinct(own, CONSTRAINT_WORDS);
  return [{ points: Math.min(12, found.length * 3), reason: `conditions: ${found.slice(0, 4).join(', ')}` }];
}

const WRITING_WORDS =
  /\b(?:essay|article|blog post|story|poem|novel|script|speech|cover letter|press release|report|proposal|rewrite|rephrase|in the style of|e-?mail)\b/gi;

function writingSigns(own: string): readonly Sign[] {
  const found = distinct(own, WRITING_WORDS);
  return [
    { points: Math.min(9, found.length * 6), reason: `writing: ${found.join(', ')}`, domain: 'writing' },
  ];
}

function surroundingSigns({ toolCount = 0, historyTokens = 0 }: ComplexityContext): readonly Sign[] {
  return [
    { points: step(toolCount, [0, 3], [5, 6], [20, 9]), reason: `tools: ${toolCount} at hand` },
    {
      points: step(historyTokens, [2_000, 4], [10_000, 8], [50_000, 12]),
      reason: `history: about ${historyTokens} tokens before it`,
    },
  ];
}

function domainOf(signs: readonly Sign[]): Domain {
  const points = new Map<Domain, number>();
  for (const sign of signs)
    if (sign.domain !== undefined) points.set(sign.domain, (points.get(sign.domain) ?? 0) + sign.points);
  const [most] = [...points].filter(([, count]) => count >= MIN_DOMAIN_POINTS).sort((a, b) => b[1] - a[1]);
  return most?.[0] ?? 'general';
}

function sum(signs: readonly Sign[]): number {
  return signs.reduce((total, { points }) => total + points, 0);
}
