/**
 * Which sentences say something worth knowing later, by their form: about the person, about the work, or because the person
 * asks to remember it. English and German. What is asked, wanted at the moment or doubted is not taken.
 */
import type { MemoryScope } from './operation.ts';
import { sentencesOf } from './sentences.ts';

export type Statement = {
  /** The sentence, without what only introduces it. */
  readonly text: string;
  readonly scope: MemoryScope;
  /** It says that something is no longer as it was. */
  readonly corrects: boolean;
  /** It asks to forget what follows. */
  readonly forgets: boolean;
};

const LEAST_WORDS = 3;
const MOST_WORDS = 45;

/** In the order in which they are said, each text once. */
export function statementsOf(text: string): readonly Statement[] {
  const found = new Map<string, Statement>();
  for (const sentence of sentencesOf(text)) {
    const statement = statementOf(withoutQuestion(sentence));
    if (statement !== undefined) found.set(statement.text, statement);
  }
  return [...found.values()];
}

/** `I am allergic to nuts, what can I cook?`: what comes before the question is stated. */
function withoutQuestion(sentence: string): string {
  return sentence.replace(
    /(?:,| [–-])\s+(?:so\s+|and\s+|but\s+|also\s+|und\s+)?(?:what|which|who|where|when|why|how|can|could|would|will|do|does|did|is|are|should|was|welche\w*|wer|wo|wann|warum|wie|kannst|kann|könntest)\b[^,]*\?$/i,
    '.',
  );
}

function statementOf(sentence: string): Statement | undefined {
  const { rest: whole, asked, forgets } = withoutIntroduction(sentence);
  // `They extended it: the tender is due on …`: what stands behind the colon can stand alone.
  const rest = isPassing(whole) ? whole.replace(/^[^:?]{3,30}:\s+(?=\S+ \S+ \S+)/, '') : whole;
  const count = rest.split(/\s+/).length;
  if (count < LEAST_WORDS || count > MOST_WORDS || /\?["”“']?$/.test(rest)) return undefined;
  const corrects = CORRECTION.test(sentence);
  const taken = asked || forgets || (!isPassing(rest) && isStatement(rest, corrects));
  if (!taken) return undefined;
  return { text: capitalised(rest), scope: scopeOf(rest), corrects, forgets };
}

/** `remember that`, `by the way`, `übrigens`: how a statement is introduced, which is not part of it. */
const ASKS_TO_REMEMBER =
  /^(?:(?:please|so|also|and|ok(?:ay)?|could you|can you|bitte)[,\s]+)*(?:remember|note|keep in mind|make a note|don['’]t forget|for (?:the|your) (?:record|records|information)|fyi|merk(?:e)? dir|merken|denk(?:e)? (?:bitte )?dran|notier(?:e)?|zur (?:info|kenntnis)|vergiss nicht)\b(?:\s+(?:that|this|dass|bitte))?\s*[:,–-]?\s*/i;
const ASKS_TO_FORGET =
  /^(?:(?:please|bitte|ok(?:ay)?|you can|you may)[,\s]+)*(?:forget|vergiss)\b(?!\s+(?:to|it|about it|nicht))(?:\s+(?:that|about|dass|bitte))*\s*[:,–-]?\s*/i;
const INTRODUCTION =
  /^(?:(?:by the way|btw|oh|ah|also|and|but|so|well|ok(?:ay)?|right|anyway|actually|in fact|just so you know|one more thing|small update|quick update|update|correction|sorry|no|yes|hi|hello|hey|thanks|thank you|great|perfect|unfortunately|heads[- ]up|as of (?:today|now)|from now on|übrigens|ach(?: ja)?|außerdem|und|aber|also|nein|ja|hallo|danke|leider|korrektur|kleine korrektur|ab jetzt|ab sofort|eigentlich)\b[\s,:;–—!.-]+)+/i;

function withoutIntroduction(sentence: string): {
  readonly rest: string;
  readonly asked: boolean;
  readonly forgets: boolean;
} {
  const keptMood = /^(?:from now on|ab jetzt|ab sofort|as of)/i;
  const asked = ASKS_TO_REMEMBER.test(sentence);
  const forgets = !asked && ASKS_TO_FORGET.test(sentence);
  const begun = sentence.replace(asked ? ASKS_TO_REMEMBER : ASKS_TO_FORGET, '');
  const rest = keptMood.test(begun) ? begun : begun.replace(INTRODUCTION, '');
  return { rest: (rest === '' ? begun : rest).trim(), asked, forgets };
}

const CORRECTION =
  /, not\b|\bnow[.!,]|\bwent from\b|(?:^|\s)übernommen\b|\b(?:actually|no longer|not (?:\w+ ){0,4}any ?more|any ?more|instead(?: of)?|rather than|correction|changed?|moved?|switch(?:ed|es)?|renamed|replaced?|replaces|migrated|swapped|dropped|stopped|quit|gave up|used to|from now on|as of|since (?:this|today|yesterday|last)|took over|takes over|relocated|upgraded|raised|lowered|extended|postponed|had it wrong|had another|turned out|taken over the|taken over|is now|are now|now (?:is|are|at|in|on|uses?|runs?|goes|costs)|these days|nowadays|update|scrap that|previously|(?:have|has|got|hired) a new|newly|nicht mehr|kein\w* \w+ mehr|statt(?:dessen)?|anstatt|inzwischen|mittlerweile|jetzt|ab sofort|umgezogen|gewechselt|geändert|korrektur|neuerdings|umgestellt|umgestiegen|verlegt|verschoben)\b/i;

/** What is so at the moment, is wanted of the answer, or is doubted. */
const PASSING = [
  /^(?:i|we) (?:want|need|(?:would|['’]d)(?! rather| prefer)|have to|am trying|['’]m trying|are trying|tried|try|wonder|guess|think|thought|believe|hope|see|saw|got|get|ran|just|was just|were just|will|['’]ll|could|should|may|might|had to|did|didn['’]t|went|came|forgot|slept|heard|spent|sat|felt|don['’]t (?:know|understand|see|think)|mean|found|noticed|tested|have (?:a|an|this|some|another) (?:\w+ )?(?:question|problem|issue|error|request|idea)|am (?:looking|working on|getting|seeing|not sure|asking|stuck|confused|curious|sorry|done|ready|back|tired)|['’]m (?:looking|working on|getting|seeing|not sure|asking|stuck|confused|curious|sorry|done|ready|back|tired))\b/i,
  /^(?:ich|wir) (?:möchte|möchten|will|wollen|brauche|brauchen|würde|würden|glaube|glauben|denke|denken|hoffe|hoffen|sehe|sehen|versuche|versuchen|frage|kann|können|könnte|könnten|verstehe|habe (?:eine|ein) (?:frage|problem))\b/i,
  /^i can\b/i,
  /(?<!\b(?:from|of|since)\s)\b(?:today|tonight|yesterday|this (?:morning|afternoon|evening)|right now|heute|gestern|gerade)\b/i,
  /\b(?:maybe|perhaps|probably|not sure|i guess|i think|i suppose|it seems|apparently|vielleicht|wahrscheinlich|vermutlich|ich glaube)\b/i,
  /^(?:it|this|that|these|those|they|there|here|he|she|what(?! (?:i|we)\b)|which|who|whose|where|why|how|whether|es|das (?:ist|war|hat|geht|wird|klingt|sieht|macht)|dies|sie|er|hier|da|ob|wer|wie|wo|wann|warum|welche\w*|was)\b/i,
  /^(?:when|if|wenn|falls)\b(?![^,]{3,},\s)/i,
  /^(?:please|can|could|would|will|do|does|did|is|are|was|were|let['’]?s|let|show|tell|give|write|read|list|find|search|explain|summari[sz]e|translate|make|create|add|remove|delete|open|run|check|look|fix|compare|describe|help|draft|rewrite|shorten|convert|calculate|compute|generate|suggest|plan|sort|count|try|go|send|put|set|turn|continue|bitte|kannst|könntest|würdest|zeig\w*|schreib\w*|lies|erklär\w*|fass\w*|such\w*|übersetz\w*|mach\w*|erstell\w*|gib|nenn\w*|hilf|prüf\w*|vergleich\w*)\b/i,
  /^(?:thanks|thank you|great|good|nice|perfect|ok|okay|yes|no|sure|danke|gut|super|prima)\b/i,
];

function isPassing(text: string): boolean {
  return PASSING.some((pattern) => pattern.test(text));
}

/** About the person or their people: what stays so. */
const PERSONAL = [
  /^(?:my|mein|meine|meinem|meinen|meiner)\b/i,
  /^(?:i|ich)(?:['’](?:m|ve)\b|\b)/i,
  /^(?:you (?:can|may|should) )?call me\b/i,
  /^(?:nenn|nennen sie) mich\b/i,
  /\b(?:i|ich|my|mine|me|mein\w*|mir|mich)\b/i,
];
const OURS = [/^(?:we|our|wir|unser\w*)(?:['’](?:re|ve)\b|\b)/i, /\b(?:we|our|us|wir|unser\w*|uns)\b/i];
const VERB =
  /['’](?:m|re|ve)\b|\b(?:am|bin|is|are|was|were|has|have|had|will|must|should|may|can|cannot|can['’]t|won['’]t|isn['’]t|aren['’]t|needs?|uses?|runs?|lives?|sits?|goes|go|costs?|takes?|starts?|ends?|begins?|belongs?|owns?|leads?|handles?|looks? after|manages?|maintains?|expires?|listens?|serves?|stores?|keeps?|holds?|requires?|allows?|supports?|depends?|works?|ships?|deploys?|releases?|meets?|happens?|closes?|opens?|delivers?|prefers?|likes?|loves?|hates?|drinks?|eats?|plays?|speaks?|drives?|calls?|named|called|moved|switched|renamed|replaced|decided|agreed|chose|picked|settled|migrated|changed|took|takes|became|bought|sold|put|got|stands?|boots?|floods?|wakes?|celebrates?|turns?|stays?|finds?|make|due|wants?|asks?|born|ist|sind|war|hat|haben|wird|werden|muss|müssen|soll|sollen|darf|läuft|laufen|liegt|liegen|heißt|heißen|gehört|nutzt|nutzen|verwendet|verwenden|kostet|dauert|beginnt|startet|endet|wohnt|wohne|arbeitet|arbeite|mag|esse|trinke|spreche|fahre|spiele|braucht|benutzt|benutzen|leitet|betreut|kümmert|wurden?|übernimmt|übernommen|wende|zieht|steht|stehen|feiern|feiert|kann|können|entschieden|umgestellt|gewechselt|umgezogen|verschoben)\b/i;
/** Something that can be looked up: a number, a name, code; a day, or what holds always. */
const SPECIFIC =
  /\p{N}|`[^`]+`|["“„][^"”“]+["”“]|(?<=\S\s)\p{Lu}\p{L}+|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|thousand|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|hundert|tausend)\b/u;
const TIMELESS =
  /\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)s?|always|never|every|immer|nie|jeden?)\b/i;
/** What is true of everybody and of nobody is no name. */
const NO_NAME =
  /^(?:every|some|any|no)(?:thing|body|one|where)\b|^(?:nothing|nobody|none|both|most|many|few|such|another|other|one|alle?s|nichts|niemand|jemand|etwas|viele|manche|man)\b/i;
const FORMS = [
  // `Hana is allergic to strawberries.`: a name, and what is said of it.
  /^\p{Lu}[\p{L}-]+(?: \p{Lu}[\p{L}-]+)? (?:is|has|cannot|can|will|takes|lives|works|likes|prefers|uses|needs|owns|leads|handles|speaks|plays|drives|ist|hat|mag|kann|heißt|wohnt|arbeitet|nutzt|übernimmt)\b/u,
  // `The spare key is behind the barometer.`
  /^(?:the|der|die|das)\b.{2,60}\b(?:is|are|hangs?|lies|lie|stands?|sits?|ist|sind|hängt|liegt|steht)\b (?:kept |stored )?(?:in|under|behind|inside|beside|above|below|on|at|next to|with|im|unter|hinter|neben|über|auf|bei|am) /i,
  /^you(?:['’]ll| can| will)? find\b/i,
  // What to do whenever it is so.
  /^(?:when(?:ever)? you|if you|every time you|(?:immer )?wenn du)\b[^,]{3,},\s/i,
  /\b(?:is|are|ist|sind) (?:[\w-]+ ){0,5}(?:my|our|mein\w*|unser\w*)\b/i,
];
/** How a sentence begins that is about something named; its first letter is small here. */
const NAMED =
  /^(?:the|der|die|das|all|every|each|jede\w*|alle|on|in|at|by|from|since|until|what|when(?:ever)?|if|you|am|im|ab|seit|bei|wenn|falls|für)\b|^(?:`[^`]+`|\p{L}[\p{L}\p{N}]*)/u;

function isStatement(text: string, corrects: boolean): boolean {
  if (!VERB.test(text) && !corrects && !FORMS.some((form) => form.test(text)))
    return /^(?:call me|nenn mich)\b/i.test(text) || startsOurs(text);
  if (PERSONAL.slice(0, 4).some((pattern) => pattern.test(text))) return true;
  if (startsOurs(text)) return true;
  if (!NO_NAME.test(text) && FORMS.some((form) => form.test(text))) return true;
  const begun = text.replace(/^\p{Lu}/u, (first) => first.toLowerCase());
  return NAMED.test(begun) && (SPECIFIC.test(begun) || TIMELESS.test(begun) || corrects);
}

function startsOurs(text: string): boolean {
  return OURS[0]?.test(text) === true;
}

/** A statement that names both is about the work: it is true for others, too. */
function scopeOf(text: string): MemoryScope {
  const isOurs = OURS.some((pattern) => pattern.test(text));
  return !isOurs && PERSONAL.some((pattern) => pattern.test(text)) ? 'person' : 'project';
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
