/** How much of what was said became a fact, how many changes changed one, and how many facts nobody stated. */
import { mean, printTable } from '../report.ts';
import type { Conversations, Question } from './generate.ts';

export function printExtraction(
  facts: readonly string[],
  { sessions, questions, loose }: Conversations,
): void {
  const texts = facts.map(plain);
  const stated = sessions.flatMap(({ turns }) =>
    turns.flatMap(({ states, text }) => (states === undefined ? [] : [plain(text)])),
  );
  const rows = [
    ...(['English', 'German'] as const).map((language) => {
      const own = questions.filter((question) => question.language === language);
      return [language, ...figures(own, texts)];
    }),
    ['loosely asked, English', loose.length, share(loose, ({ said }) => texts.includes(plain(said))), '', ''],
  ];
  printTable(['facts by rules', 'said', 'stored', 'changes', 'recognised'], rows);
  const invented = facts.filter((_, index) => !stated.some((text) => text.includes(texts[index] ?? '')));
  console.log(
    `Of ${facts.length} facts in memory ${invented.length} (${(invented.length / Math.max(1, facts.length)).toFixed(3)}) are none that was planted.`,
  );
}

function figures(questions: readonly Question[], facts: readonly string[]): readonly (string | number)[] {
  const changed = questions.filter(({ staleValue }) => staleValue !== undefined);
  return [
    questions.length,
    share(questions, (question) => facts.some((fact) => names(fact, question.subject, question.value))),
    changed.length,
    share(changed, (question) => isChanged(question, facts)),
  ];
}

/** The later value is there, and no fact tells the earlier one alone. */
function isChanged({ subject, value, staleValue = '' }: Question, facts: readonly string[]): boolean {
  const isStale = (fact: string): boolean => names(fact, subject, staleValue) && !names(fact, subject, value);
  return facts.some((fact) => names(fact, subject, value)) && !facts.some(isStale);
}

function names(text: string, subject: string, value: string): boolean {
  return text.includes(subject.toLowerCase()) && text.includes(value.toLowerCase());
}

function share<Item>(items: readonly Item[], holds: (item: Item) => boolean): string {
  return mean(items.map((item) => Number(holds(item)))).toFixed(3);
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[.!\s]+$/, '');
}
