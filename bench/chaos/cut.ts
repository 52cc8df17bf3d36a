/** Where a kill has hit a run, told afterwards from its journal and the ledger. */
import type { LedgerEntry } from '../../test/fixtures/mcp/ledger-entry.ts';
import type { RunView } from './journal-view.ts';

/** What was there when a host was killed. */
export type Cut = {
  readonly runId: string;
  readonly hostPid: number;
  /** The journal's last row. */
  readonly lastRow: number;
  /** The call whose claim stood without an answer; a run can have several, each is a cut of its own. */
  readonly openCall?: string;
};

export const CUT_CLASSES = [
  'before the first row',
  'before a claim',
  'after the claim, nothing received',
  'request received, no effect',
  'effect made, no answer sent',
  'answer sent, not recorded',
  'during a read-only call',
  'during a model call',
  'around other rows',
  'after the last row',
] as const;

export type CutClass = (typeof CUT_CLASSES)[number];

export function cutsOf(run: RunView, hostPid: number): Cut[] {
  const cut = { runId: run.id, hostPid, lastRow: run.rows.length };
  const open = run.calls.filter(({ isOpen }) => isOpen);
  return open.length === 0 ? [cut] : open.map(({ label }) => ({ ...cut, openCall: label }));
}

/** `run` as it has ended: what comes next in its journal is what the kill has kept from happening. */
export function classOf(
  { hostPid, lastRow, openCall }: Cut,
  run: RunView,
  ledger: readonly LedgerEntry[],
): CutClass {
  if (lastRow === 0) return 'before the first row';
  if (openCall !== undefined) {
    const types = new Set(
      ledger.filter(({ label, host }) => label === openCall && host === hostPid).map(({ type }) => type),
    );
    if (types.has('answered')) return 'answer sent, not recorded';
    if (types.has('effect') || types.has('repeated')) return 'effect made, no answer sent';
    return types.has('received') ? 'request received, no effect' : 'after the claim, nothing received';
  }
  const next = run.rows.slice(lastRow).find(({ type, name }) => type !== 'event' && name !== 'prepare');
  if (next === undefined) return 'after the last row';
  if (next.type === 'claim') return 'before a claim';
  if (next.name === 'call') return 'during a read-only call';
  return next.name === 'model' ? 'during a model call' : 'around other rows';
}
