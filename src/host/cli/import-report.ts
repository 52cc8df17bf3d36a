/** What an import says besides the change itself. */
import { CLIENTS } from '../../clients/client.ts';
import type { NeededVariable } from '../../clients/needed-variables.ts';
import type { ImportPlan } from '../../clients/plan-import.ts';
import type { ReadEntries } from '../../clients/read-entries.ts';

export interface ToldImport {
  readonly plan: ImportPlan;
  readonly reads: readonly ReadEntries[];
  /** Our config. */
  readonly file: string;
}

/** What was found, and what of it is not taken. */
export function linesBefore({ plan, reads, file }: ToldImport): string[] {
  const found = reads.flatMap((read) => read.found);
  if (found.length === 0) {
    return [
      'No config of another client was found. Looked for:',
      ...reads.flatMap((read) => read.searched.map((path) => `  ${path}`)),
    ];
  }
  return [
    ...reads.flatMap(({ faults }) => faults).map((fault) => `Left alone: ${fault.file}: ${fault.reason}.`),
    ...plan.skipped.map(
      ({ from, reason }) => `Left out: ${from.name} of ${titleOf(from.client)}: ${reason}.`,
    ),
    ...plan.present.map(
      ({ name, from }) => `There already: ${from.name} of ${titleOf(from.client)} is the same as ${name}.`,
    ),
    ...(plan.ignored.length === 0 ? [] : [`These keys have no effect here: ${plan.ignored.join(', ')}.`]),
    ...reads.flatMap(({ remarks }) => remarks),
    ...plan.remarks.map((remark) => `${remark}.`),
    ...(plan.added.length === 0 ? [`Nothing to add to ${file}.`] : []),
  ];
}

/** What was done, and what is left to do. */
export function linesAfter({ plan, file }: ToldImport, isWritten: boolean): string[] {
  const names = plan.added.map(({ name }) => name).join(', ');
  return [
    ...(isWritten ? [`Added to ${file}: ${names}.`] : []),
    ...grouped(plan.variables).map(({ name, uses, isSet }) =>
      isSet
        ? `${name} is set already; it is used for ${uses.join('; ')}.`
        : `Set ${name} for ${uses.join('; ')}.`,
    ),
  ];
}

export function importFacts({ plan, reads, file }: ToldImport, isWritten: boolean) {
  const { added, present, skipped, variables, ignored, remarks } = plan;
  return {
    file,
    written: isWritten,
    added,
    present,
    skipped,
    variables,
    ignored,
    remarks: [...reads.flatMap((read) => read.remarks), ...remarks],
    faults: reads.flatMap(({ faults }) => faults),
    found: reads.flatMap((read) => read.found),
    searched: reads.flatMap(({ searched }) => searched),
  };
}

function grouped(
  variables: readonly NeededVariable[],
): { readonly name: string; readonly isSet: boolean; readonly uses: readonly string[] }[] {
  const byName = Map.groupBy(variables, ({ name }) => name);
  return [...byName].map(([name, uses]) => ({
    name,
    isSet: uses.some(({ isSet }) => isSet),
    uses: uses.map(({ server, because }) => `${server} (${because})`),
  }));
}

function titleOf(id: string): string {
  return CLIENTS.find((client) => client.id === id)?.title ?? id;
}
