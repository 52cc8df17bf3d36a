/** Names of persons, organizations and places in English text: a lexicon and grammar (compromise) and the words around. */
import nlp from 'compromise';

import type { PiiEntity } from '../../../config/guard-settings.ts';
import { countryNames, peopleNames } from './countries.ts';
import { isOrdinary } from './ordinary-words.ts';
import { anyOf, matches, type PiiFinder, type PiiSpan } from './span.ts';

const NAME = "\\p{Lu}(?:['’]\\p{Lu})?\\p{Ll}+(?:[-'’]\\p{Lu}\\p{Ll}+|\\p{Lu}\\p{Ll}+)*";
const PARTICLE = '(?:de|da|di|du|van|von|der|den|la|le|del|dos|al|bin|ben|el)';
const FULL_NAME = `${NAME}(?: (?:\\p{Lu}\\.? )?(?:${PARTICLE} ){0,2}${NAME}){0,3}`;
/** A first name and more. */
const LONG_NAME = `${NAME}(?: (?:\\p{Lu}\\.? )?(?:${PARTICLE} ){0,2}${NAME}){1,3}`;
const PLACE = `(?:${NAME}(?: (?:${PARTICLE} ){0,2}${NAME}){0,2}|\\p{Lu}{3,}(?: \\p{Lu}{3,}){0,2})`;
const COMPANY = `(?:${NAME}|\\p{Lu}{2,})(?:(?:, | and | & |[ -])(?:${NAME}|\\p{Lu}{2,})){0,4}`;

const named = (entity: PiiEntity, source: string): PiiFinder =>
  matches(entity, new RegExp(source, 'gu'), (value) => !isOrdinary(value));

const persons = anyOf(
  named('person', `\\b(?:[Mm]rs?|[Mm]s|[Mm]iss|[Dd]r|[Pp]rof|Lord|Lady)\\.? (?<value>${FULL_NAME})`),
  named(
    'person',
    `\\b(?:[Nn]ame (?:is|was)|[Nn]ame:|[Nn]ame\\?|I(?:'|’)?m|I am|[Tt]his is|named|called|known as) (?<value>${FULL_NAME})`,
  ),
  named(
    'person',
    `\\b(?:Dear|Hi|Hello|Hey|Sincerely|Regards|Thanks|Cheers|Love|Yours),?\\s(?<value>${FULL_NAME})`,
  ),
  named(
    'person',
    `\\b(?:told|asked|met|meet|contact|by|wife|husband|son|daughter|brother|sister|friend|colleague|player|actor|actress|singer|songwriter|director|author|president|minister|starring),? (?<value>${FULL_NAME})`,
  ),
  named(
    'person',
    `(?<value>${LONG_NAME})(?=['’]s\\b| (?:was|said|says|has|had|is an?|spent|works?|wrote|lives|and I)\\b)`,
  ),
  // A speaker in front of what is said, and the first line of a card.
  named('person', `(?:^|\\n)(?<value>${NAME}): `),
  named('person', `(?:^|\\n)\\W{0,4}(?<value>${LONG_NAME}|${NAME} \\p{Lu}\\.? ${NAME})(?=\\n)`),
);
const titles = matches('title', /\b(?:Mrs?\.|Ms\.|Dr\.|Prof\.|(?:Mr|Mrs|Ms|Dr|Prof)(?= \p{Lu}))/gu);
const companies = anyOf(
  named(
    'organization',
    `${COMPANY},? (?:Inc(?:orporated)?|Ltd|LLC|PLC|plc|Corp(?:oration)?|GmbH|AG|Group|Company|Co|Holdings|Partners|Bank|Insurance|Agency|Association|University|College|Institute|Foundation|Systems|Solutions|Technologies|Labs|Industries|and Sons|& Sons)\\b(?:\\.(?= \\p{Ll}))?`,
  ),
  named(
    'organization',
    `\\b(?:works?|worked|working|job|employed|year|intern(?:ed)?) (?:for|at|with|by) (?<value>${COMPANY})`,
  ),
  named(
    'organization',
    `(?<value>${COMPANY})(?= is an? (?:\\p{L}+ ){0,2}(?:agency|company|firm|startup|start-up|bank|brand|business|corporation|charity)\\b| (?:office|headquarters|branch|shareholders|employees) )`,
  ),
  named('organization', `\\b(?:acquired by|owned by|founded|(?:later|now) became) (?<value>${COMPANY})`),
);
const places = anyOf(
  matches('place', new RegExp(`(?<![\\p{L}-])(?:${countryNames().join('|')})(?![\\p{L}-])`, 'gu')),
  named(
    'place',
    `\\b(?:based in|originally from|born in|lives? in|living in|moved? (?:here from|to)|(?:city|town|village) of|travell?ing to|flying to|returned to|arrived (?:at|in)|am in|visit(?:ing|ed)?|[Ss]outhern|[Nn]orthern|[Ee]astern|[Ww]estern) (?<value>${PLACE})`,
  ),
  named('place', `\\b[Ii]n (?<value>${PLACE})(?=[.,!?\\n]|$| (?:and|for|on|this|next|last|which|where)\\b)`),
);

const peoples = matches(
  'nationality',
  new RegExp(`(?<![\\p{L}-])(?:${peopleNames().join('|')})s?(?![\\p{L}-])`, 'gu'),
);

const KINDS = ['people', 'places', 'organizations'] as const;
const ENTITIES: Readonly<Record<(typeof KINDS)[number], PiiEntity>> = {
  people: 'person',
  places: 'place',
  organizations: 'organization',
};

const byGrammar: PiiFinder = (text) => {
  const doc = nlp(text);
  const spans = KINDS.flatMap((kind) => spansOf(doc[kind]().json({ offset: true }), ENTITIES[kind], text));
  return [...spans, ...spansOf(doc.match('#Demonym').json({ offset: true }), 'nationality', text)];
};

/** What the words around say comes before what the lexicon says. */
export const names: readonly PiiFinder[] = [titles, companies, peoples, places, persons, byGrammar];

function spansOf(found: unknown, entity: PiiEntity, text: string): PiiSpan[] {
  if (!Array.isArray(found)) return [];
  const items: readonly unknown[] = found;
  return items.flatMap((item) => {
    const offset: unknown =
      typeof item === 'object' && item !== null ? Reflect.get(item, 'offset') : undefined;
    if (typeof offset !== 'object' || offset === null) return [];
    const start: unknown = Reflect.get(offset, 'start');
    const length: unknown = Reflect.get(offset, 'length');
    if (typeof start !== 'number' || typeof length !== 'number') return [];
    return trimmed({ entity, start, end: start + length }, text);
  });
}

const BEFORE = /^(?:[^\p{L}\d]|(?:the|mrs?|ms|miss|sir|dr|prof|southern|northern|eastern|western)\b\.? )+/iu;
const BEHIND = /(?:['’]s\b[\s\S]*|\n[\s\S]*|[^\p{L}\d.)]+|(?<=\p{Ll}{2})[.)]+)$/u;

/** Without a title in front, and without the punctuation and the possessive behind. */
function trimmed({ entity, start, end }: PiiSpan, text: string): PiiSpan[] {
  const value = text.slice(start, end);
  const before = BEFORE.exec(value)?.[0].length ?? 0;
  const inner = value.slice(before).replace(BEHIND, '');
  if (inner.length < 2 || isOrdinary(inner) || !/\p{Lu}/u.test(inner)) return [];
  return [{ entity, start: start + before, end: start + before + inner.length }];
}
