/** What waits for a person, and what one answered with "always": shown. */
import { homeFolder } from '../../config/environment.ts';
import type { JsonObject } from '../../json.ts';
import { findApproval, type KeptApprovalRow, keptApprovals } from '../approval/kept-approval.ts';
import { listApprovals, type RememberedApproval } from '../approval/remembered.ts';
import { openState } from '../state.ts';
import type { ListApprovalsFlags } from './approval-commands.ts';
import { oneLine, printable, processOutput, revealed, styled, table } from './terminal.ts';

export async function list({ json = false, all = false }: ListApprovalsFlags): Promise<void> {
  const output = processOutput();
  using state = openState(homeFolder());
  const kept = keptApprovals(state, { ended: all });
  // What waits for a person comes first.
  const calls = [...kept].sort((one, other) => rank(one) - rank(other));
  const always = listApprovals(state);
  if (json) {
    const told = { calls: calls.map(callJson), always: always.map(alwaysJson) };
    await output.data(`${JSON.stringify(told, null, 2)}\n`);
    return;
  }
  if (calls.length === 0) output.status(all ? 'No call was asked about.' : 'No call waits for a yes.');
  else await output.data(`${table(calls.map(columnsOf))}\n`);
  if (always.length === 0)
    output.status(
      'No tool is always allowed. At the question about a call, the keys "a", "s" and "w" make it so.',
    );
  else
    await output.data(
      `${calls.length === 0 ? '' : '\n'}Always allowed:\n${table(always.map(alwaysColumns))}\n`,
    );
}

export async function show(
  idOrBeginning: string,
  { json = false }: { readonly json?: boolean },
): Promise<void> {
  const output = processOutput();
  using state = openState(homeFolder());
  const kept = findApproval(state, idOrBeginning);
  await output.data(json ? `${JSON.stringify(callJson(kept), null, 2)}\n` : `${described(kept)}\n`);
}

function rank({ state }: KeptApprovalRow): number {
  return state === 'pending' ? 0 : state === 'approved' ? 1 : 2;
}

function columnsOf(kept: KeptApprovalRow): string[] {
  const { id, state, tool, project, arguments: args, createdMs } = kept;
  return [
    id,
    stateText(kept, state === 'pending' || state === 'approved'),
    minute(createdMs),
    printable(tool),
    printable(project),
    oneLine(revealed(JSON.stringify(args)), 200),
  ];
}

function stateText({ state, expiresMs }: KeptApprovalRow, withEnd: boolean): string {
  const word = state === 'pending' ? 'waits' : state;
  return withEnd ? `${word} until ${minute(expiresMs)}` : word;
}

/** All of it, because a person decides by it: hidden characters stand there as escapes. */
function described(kept: KeptApprovalRow): string {
  const { id, tool, server, title, destructive, reason, diff, project, runId, decidedBy } = kept;
  const heading = title === tool ? tool : `${tool} (${oneLine(title, 200)})`;
  const made = kept.approvedArguments;
  return [
    `${id}: ${printable(heading)} of the server ${printable(server)}`,
    ...(destructive ? [styled('yellow', 'It may change or delete what is there.')] : []),
    ...(reason === undefined ? [] : [printable(reason)]),
    '',
    `state   ${stateText(kept, true)}${decidedBy === undefined ? '' : `, decided by ${decidedBy}`}`,
    ...(kept.decisionReason === undefined ? [] : [`because ${printable(kept.decisionReason)}`]),
    `asked   ${new Date(kept.createdMs).toISOString()}`,
    `folder  ${printable(project)}`,
    ...(runId === undefined ? [] : [`run     ${runId}`]),
    `hash    ${kept.argumentsHash}`,
    '',
    'Arguments:',
    revealed(JSON.stringify(kept.arguments, null, 2)),
    ...(made === undefined ? [] : ['', 'Changed by the person to:', revealed(JSON.stringify(made, null, 2))]),
    ...(diff === undefined ? [] : ['', 'What would change:', revealed(diff)]),
  ].join('\n');
}

function alwaysColumns(always: RememberedApproval): string[] {
  const { scope, place, tool, createdMs } = always;
  const where = { session: `session ${place}`, folder: place, person: 'everywhere' }[scope];
  return [printable(tool), new Date(createdMs).toISOString().slice(0, 10), printable(where)];
}

function callJson({ createdMs, expiresMs, decidedMs, project, ...kept }: KeptApprovalRow): JsonObject {
  return {
    ...kept,
    folder: project,
    asked: new Date(createdMs).toISOString(),
    expires: new Date(expiresMs).toISOString(),
    ...(decidedMs === undefined ? {} : { decided: new Date(decidedMs).toISOString() }),
  };
}

function alwaysJson({ scope, place, actor, tool, createdMs }: RememberedApproval): JsonObject {
  return {
    tool,
    scope,
    ...(scope === 'folder' ? { folder: place } : {}),
    ...(scope === 'session' ? { session: place } : {}),
    actor,
    since: new Date(createdMs).toISOString(),
  };
}

function minute(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}
