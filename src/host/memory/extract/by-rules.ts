/** What one statement changes in memory, by the form of its words. */
import type { KnownFact, MemoryOperation } from './operation.ts';
import { matchOf } from './same-subject.ts';
import type { Statement } from './statement.ts';

/** `known` is what memory holds that may be about the same. Undefined: nothing changes. */
export function operationOf(statement: Statement, known: readonly KnownFact[]): MemoryOperation | undefined {
  const { text, scope } = statement;
  const match = matchOf(statement.forgets ? { ...statement, corrects: true } : statement, known);
  if (statement.forgets) return match && { type: 'forget', factId: match.fact.factId };
  switch (match?.type) {
    case undefined:
      return { type: 'remember', text, scope };
    case 'known':
      return undefined;
    case 'changed':
      return { type: 'update', factId: match.fact.factId, text, scope: match.fact.scope };
    default:
      return match satisfies never;
  }
}
