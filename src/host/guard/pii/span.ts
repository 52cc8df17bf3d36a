import type { PiiEntity } from '../../../config/guard-settings.ts';

/** One piece of personal data in a text, by UTF-16 offsets, end exclusive. */
export interface PiiSpan {
  readonly entity: PiiEntity;
  readonly start: number;
  readonly end: number;
}

/** Finds personal data of the kinds it knows. Spans may overlap those of other finders. */
export type PiiFinder = (text: string) => PiiSpan[];

/** The whole match, or its group `value` where the pattern has one. */
export function matches(
  entity: PiiEntity,
  pattern: RegExp,
  accept: (value: string, match: RegExpExecArray) => boolean = () => true,
): PiiFinder {
  return (text) => {
    const spans: PiiSpan[] = [];
    pattern.lastIndex = 0;
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      const value = match.groups?.['value'] ?? match[0];
      const start = match.index + match[0].lastIndexOf(value);
      if (value !== '' && accept(value, match)) spans.push({ entity, start, end: start + value.length });
      if (match[0] === '') pattern.lastIndex += 1;
    }
    return spans;
  };
}

/** What all of them find. */
export function anyOf(...finders: readonly PiiFinder[]): PiiFinder {
  return (text) => finders.flatMap((find) => find(text));
}
