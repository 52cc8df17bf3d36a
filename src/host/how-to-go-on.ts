/** What to do about a run that a limit stopped, in words. */
import { totalTokens } from './engine/total-tokens.ts';
import type { ReachedLimit, RunTotals } from './event.ts';

/** `command` goes on with the run; with higher limits where they are its own. */
export function howToGoOn(reached: ReachedLimit, totals: RunTotals, command: string): string {
  const { limit, maximum, scope, branch } = reached;
  if (scope !== undefined) {
    const key = `budget.${KEYS[scope.type]}`;
    return scope.type === 'session'
      ? `To go on: raise ${key} in mcp.config.json, then ${command}`
      : `To go on: wait until ${new Date(scope.untilMs).toISOString()}, when the next day begins in ${scope.timeZone}, or raise ${scope.type === 'workflow' ? `workflows.${scope.name}.budget.perDay` : key} in mcp.config.json; then ${command}`;
  }
  if (limit === 'repeats')
    return `It would go round in the same circle again. Ask in other words, or try another model from some step on: ${command.replace('runs resume', 'runs fork')} --at <step> --model <model>`;
  const wider =
    maximum === undefined ? '' : ` ${flagOf(limit, maximum, branch === undefined ? totals : undefined)}`;
  return `To go on: ${command}${wider}`;
}

const KEYS = {
  day: 'perDay',
  session: 'perSession',
  client: 'perClient',
  workflow: 'perDay',
} as const;

/** Twice as much, and more than is spent. */
function flagOf(
  limit: Exclude<ReachedLimit['limit'], 'repeats'>,
  maximum: number,
  totals: RunTotals | undefined,
): string {
  switch (limit) {
    case 'usd':
      return `--max-usd ${dollars(Math.max(2 * maximum, 1.5 * (totals?.costUsd ?? 0)))}`;
    case 'tokens':
      return `--max-tokens ${Math.max(2 * maximum, Math.ceil(1.5 * (totals === undefined ? 0 : totalTokens(totals.usage))))}`;
    case 'turns':
      return `--max-turns ${2 * maximum}`;
    case 'tool-calls':
      return `--max-tool-calls ${2 * maximum}`;
    case 'depth':
      return `--max-depth ${2 * maximum}`;
    case 'time':
      return `--timeout ${Math.ceil((2 * maximum) / 1_000)}`;
    default:
      return limit satisfies never;
  }
}

/** Rounded up to what a person would type. */
function dollars(amount: number): string {
  const unit = 10 ** Math.min(-2, Math.floor(Math.log10(amount)) - 1);
  const rounded = Math.ceil(amount / unit - 1e-9) * unit;
  return rounded.toFixed(Math.max(2, -Math.floor(Math.log10(unit) + 1e-9)));
}
