/** Fifty conversations with planted facts, of which some change later; and the questions to them. The same for a seed. */
import { seededRandom } from '../report.ts';
import { ASIDES, CHATTER } from './chatter.ts';
import { ENGLISH } from './english.ts';
import { GERMAN } from './german.ts';
import { LOOSE } from './loose.ts';
import type { Template } from './template.ts';

export interface Turn {
  readonly role: 'user' | 'assistant';
  readonly text: string;
  /** ISO 8601. */
  readonly at: string;
  /** What the turn says, where it says a fact. */
  readonly states?: Statement;
}

export interface Statement {
  /** Unique among facts; a change has that of what it changes. */
  readonly fact: number;
  readonly isChange: boolean;
}

export interface Session {
  readonly id: string;
  readonly turns: readonly Turn[];
}

export interface Question {
  readonly fact: number;
  readonly language: 'English' | 'German';
  readonly text: string;
  readonly subject: string;
  readonly value: string;
  /** What was said first, where it is no longer true. */
  readonly staleValue?: string;
}

export interface Conversations {
  /** In the order in which they were held. */
  readonly sessions: readonly Session[];
  readonly questions: readonly Question[];
  /** Requests on which a fact bears, with hardly a word in common. */
  readonly loose: readonly { readonly said: string; readonly text: string }[];
  /** About things of which nothing was said. */
  readonly unanswerable: readonly string[];
}

const SESSIONS = 50;
const CHANGES_A_TEMPLATE = 3;
/** A change comes at least so many sessions after what it changes. */
const FEWEST_SESSIONS_BETWEEN = 5;
const CHATTER_A_SESSION = 6;
const ASIDES_A_SESSION = 3;
const FIRST_DAY_MS = Date.UTC(2026, 0, 5, 9);
const DAY_MS = 86_400_000;
const TURN_MS = 60_000;

interface Said {
  readonly text: string;
  readonly answer: string;
  readonly states?: Statement;
}

export function generate(seed: number): Conversations {
  const random = seededRandom(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const days: Said[][] = Array.from({ length: SESSIONS }, () => []);
  const questions: Question[] = [];
  const unanswerable: string[] = [];

  for (const { template, language } of templates()) {
    for (const [index, subject] of template.subjects.entries()) {
      const fact = questions.length;
      const first = template.values[index] ?? '';
      const isChanged = index < CHANGES_A_TEMPLATE;
      const day = below(isChanged ? SESSIONS - FEWEST_SESSIONS_BETWEEN : SESSIONS);
      days[day]?.push({
        text: fill(pick(template.said), subject, first),
        answer: pick(ACKNOWLEDGED),
        states: { fact, isChange: false },
      });
      const asked = fill(pick(template.asked), subject, '');
      const question = { fact, language, text: asked, subject };
      if (!isChanged) {
        questions.push({ ...question, value: first });
        continue;
      }
      const second = template.values[template.subjects.length + index] ?? '';
      const later = day + FEWEST_SESSIONS_BETWEEN + below(SESSIONS - day - FEWEST_SESSIONS_BETWEEN);
      days[later]?.push({
        text: fill(pick(template.changed), subject, second, first),
        answer: pick(ACKNOWLEDGED),
        states: { fact, isChange: true },
      });
      questions.push({ ...question, value: second, staleValue: first });
    }
    for (const subject of template.unknown) unanswerable.push(fill(pick(template.asked), subject, ''));
  }
  for (const [index, [text]] of LOOSE.entries()) {
    const states = { fact: questions.length + index, isChange: false };
    days[below(SESSIONS)]?.push({ text, answer: pick(ACKNOWLEDGED), states });
  }

  const sessions = days.map((said, day): Session => {
    const chatter = Array.from({ length: CHATTER_A_SESSION }, () => pick(CHATTER));
    const asides = Array.from({ length: ASIDES_A_SESSION }, () =>
      fill(pick(ASIDES), pick(questions).subject, ''),
    );
    const exchanges: Said[] = [
      ...said,
      ...chatter.map(([text, answer]) => ({ text, answer })),
      ...asides.map((text) => ({ text, answer: 'All right.' })),
    ];
    return {
      id: `session-${String(day + 1).padStart(2, '0')}`,
      turns: turnsOf(shuffled(exchanges, below), FIRST_DAY_MS + day * DAY_MS),
    };
  });
  return { sessions, questions, loose: LOOSE.map(([said, text]) => ({ said, text })), unanswerable };
}

const ACKNOWLEDGED = ['Noted.', 'All right, I will keep that in mind.', 'Thanks, good to know.', 'Got it.'];

function templates(): { readonly template: Template; readonly language: Question['language'] }[] {
  return [
    ...ENGLISH.map((template) => ({ template, language: 'English' as const })),
    ...GERMAN.map((template) => ({ template, language: 'German' as const })),
  ];
}

function fill(wording: string, subject: string, value: string, old = ''): string {
  const text = wording.replaceAll('{s}', subject).replaceAll('{v}', value).replaceAll('{o}', old);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function turnsOf(exchanges: readonly Said[], startMs: number): readonly Turn[] {
  return exchanges.flatMap(({ text, answer, states }, index): Turn[] => [
    {
      role: 'user',
      text,
      at: new Date(startMs + 2 * index * TURN_MS).toISOString(),
      ...(states === undefined ? {} : { states }),
    },
    { role: 'assistant', text: answer, at: new Date(startMs + (2 * index + 1) * TURN_MS).toISOString() },
  ]);
}

function shuffled<T>(items: readonly T[], below: (count: number) => number): T[] {
  const list = [...items];
  for (let last = list.length - 1; last > 0; last -= 1) {
    const other = below(last + 1);
    [list[last], list[other]] = [list[other] as T, list[last] as T];
  }
  return list;
}
