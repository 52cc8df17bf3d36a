/** Words that are written with a capital and name nobody. */
const ORDINARY = new Set(
  (
    'I The A An My Your His Her Their Our Its It This That These Those We You They He She What When Where Who Why How Which ' +
    'Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August September ' +
    'October November December Internet God Hi Hello Dear Please Thanks Yes No Not If And But Or So Is Are Was Were Do Does ' +
    'Did Can Could Will Would Should Have Has Had There Here Mr Mrs Ms Dr In On At To From Of For With By As Just Some Any All'
  ).split(' '),
);

export function isOrdinary(value: string): boolean {
  return value.split(/\s+/).every((word) => ORDINARY.has(word.replace(/[.,:;!?]+$/, '')));
}
