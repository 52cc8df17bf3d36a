import type { DocumentFilter } from './contract.ts';

/** A condition on the table `documents` and the values of its parameters. */
export function filterClause({ below, kinds, group, exceptGroup }: DocumentFilter): {
  readonly clause: string;
  readonly values: readonly string[];
} {
  const clauses = ['1'];
  const values: string[] = [];
  if (below !== undefined) {
    const folder = below.replace(/[/\\]+$/, '');
    clauses.push('(documents.uri = ? OR substr(documents.uri, 1, ?) IN (?, ?))');
    values.push(folder, String(Array.from(folder).length + 1), `${folder}/`, `${folder}\\`);
  }
  if (kinds !== undefined) {
    clauses.push(`documents.kind IN (${kinds.map(() => '?').join(', ')})`);
    values.push(...kinds);
  }
  if (group !== undefined) {
    clauses.push('documents.group_key = ?');
    values.push(group);
  }
  if (exceptGroup !== undefined) {
    clauses.push('documents.group_key IS NOT ?');
    values.push(exceptGroup);
  }
  return { clause: clauses.join(' AND '), values };
}

export function isUnfiltered(filter: DocumentFilter): boolean {
  return Object.values(filter).every((value) => value === undefined);
}
