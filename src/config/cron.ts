/** Cron expressions in a time zone. Loads croner: import it only where there is a schedule. */
import { Cron } from 'croner';

export interface CronTimes {
  /** The first time after this one; undefined where none comes any more. Epoch milliseconds, as all of it. */
  readonly next: (afterMs: number) => number | undefined;
  /** The last times up to and including this one, the latest first. */
  readonly last: (count: number, untilMs: number) => readonly number[];
}

/**
 * Where clocks are set forward, an expression that names hours and minutes comes at the first time after the gap; where they
 * are set back it comes once. One that has `*` or a step in its time of day follows the clock that runs on: it skips the gap
 * and comes in both passes of the repeated hour. Throws what is wrong with the expression or the time zone.
 */
export function cronTimes(expression: string, timeZone: string): CronTimes {
  const cron = new Cron(expression, {
    timezone: timeZone,
    mode: '5-or-6-parts',
    fixedTimeRule: 'no-wildcard',
    paused: true,
  });
  return {
    next: (afterMs) => cron.nextRun(new Date(afterMs))?.getTime(),
    last: (count, untilMs) =>
      // It looks at whole seconds before the one that it is given.
      cron
        .previousRuns(count, new Date((Math.floor(untilMs / 1_000) + 1) * 1_000))
        .map((date) => date.getTime()),
  };
}
