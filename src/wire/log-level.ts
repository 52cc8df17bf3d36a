/** The levels of log messages (spec: server/utilities/logging), the least severe first. */
export const LOG_LEVELS: readonly string[] = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
];

/** What whoever has said no level is given. */
export const DEFAULT_LOG_LEVEL = 'info';

/** Greater is more severe; -1 for what is no level. */
export function severityOf(level: string): number {
  return LOG_LEVELS.indexOf(level);
}
