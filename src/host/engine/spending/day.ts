/** Days of the calendar in a time zone; in that of the machine where none is named. */

/** `2026-11-27` */
export function dayOf(ms: number, timeZone?: string): string {
  const quarter = Math.floor(ms / QUARTER_MS);
  if (last.quarter === quarter && last.timeZone === timeZone) return last.day;
  const day = formatOf(timeZone).format(ms);
  last = { quarter, timeZone, day };
  return day;
}

/** Days begin at quarters of an hour everywhere, and every call of every run asks which day it is. */
const QUARTER_MS = 900_000;
let last: { readonly quarter: number; readonly timeZone: string | undefined; readonly day: string } = {
  quarter: Number.NaN,
  timeZone: undefined,
  day: '',
};

export function timeZoneName(timeZone?: string): string {
  return formatOf(timeZone).resolvedOptions().timeZone;
}

/** When the next day begins, wall-clock milliseconds, to the second: clocks are changed on some days. */
export function nextDayMs(ms: number, timeZone?: string): number {
  const today = dayOf(ms, timeZone);
  let before = Math.floor(ms / 1_000);
  let after = before + LONGEST_DAY_S;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (dayOf(middle * 1_000, timeZone) === today) before = middle;
    else after = middle;
  }
  return after * 1_000;
}

const LONGEST_DAY_S = 27 * 3_600;

/** Making one takes a hundred times as long as using it. */
const formats = new Map<string | undefined, Intl.DateTimeFormat>();

function formatOf(timeZone: string | undefined): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  // Of this language dates are written as in ISO 8601.
  const made = new Intl.DateTimeFormat('en-CA', {
    ...(timeZone === undefined ? {} : { timeZone }),
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  formats.set(timeZone, made);
  return made;
}
