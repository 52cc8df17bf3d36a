/** What is spent today, beside the limits that count over several runs. */
import { homeFolder } from '../../config/environment.ts';
import type { SpendingAmounts } from '../../config/spending-limits.ts';
import { type SpentBy, spendingReport } from '../engine/spending/spending-report.ts';
import { openState } from '../state.ts';
import type { GlobalFlags } from './commands.ts';
import { readConfig } from './config-and-log.ts';
import { printable, processOutput, table } from './terminal.ts';

export async function budget(flags: GlobalFlags & { readonly json?: boolean }): Promise<void> {
  const config = await readConfig(flags, process.cwd());
  using state = openState(homeFolder());
  const report = spendingReport(state, config, Date.now());
  const output = processOutput();
  if (flags.json) {
    const { budget: perRun } = config;
    await output.data(`${JSON.stringify({ perRun, ...report }, null, 2)}\n`);
    return;
  }
  const next = new Date(report.nextDayMs).toISOString();
  const rows = report.spent.map((one) => [
    nameOf(one, report.day),
    `$${one.usd.toFixed(4)}${one.unpriced === 0 ? '' : ` + ${one.unpriced} of unknown price`}`,
    String(one.tokens),
    String(one.turns),
    String(one.toolCalls),
    limitsText(one),
  ]);
  await output.data(`${table([COLUMNS, ...rows])}\n`);
  output.status(`Days begin in ${report.timeZone}; the next one at ${next}.`);
}

const COLUMNS = ['what', 'spent', 'tokens', 'turns', 'tool calls', 'limits'] as const;

function nameOf({ scope, name = '' }: SpentBy, day: string): string {
  return scope === 'day' ? `all of ${day}` : printable(`${scope} ${name}`);
}

/** `$5 (reached), 100000 tokens` */
function limitsText(one: SpentBy): string {
  const { maxUsd, maxTokens, maxTurns, maxToolCalls }: SpendingAmounts = one.limits;
  const texts = [
    limitText(maxUsd, one.usd, (max) => `$${max}`),
    limitText(maxTokens, one.tokens, (max) => `${max} tokens`),
    limitText(maxTurns, one.turns, (max) => `${max} turns`),
    limitText(maxToolCalls, one.toolCalls, (max) => `${max} tool calls`),
  ].flatMap((text) => text ?? []);
  return texts.length === 0 ? 'none' : texts.join(', ');
}

function limitText(
  maximum: number | undefined,
  spent: number,
  words: (maximum: number) => string,
): string | undefined {
  if (maximum === undefined) return undefined;
  return spent >= maximum ? `${words(maximum)} (reached)` : words(maximum);
}
