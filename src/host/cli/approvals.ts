/** What a person answered with "always": shown, and taken back. */
import { resolve } from 'node:path';

import { homeFolder } from '../../config/environment.ts';
import { HostError } from '../../errors.ts';
import { forgetApproval, listApprovals, type RememberedApproval } from '../approval/remembered.ts';
import { openState } from '../state.ts';
import { processOutput, table } from './terminal.ts';

export interface ForgetFlags {
  readonly all?: boolean;
  readonly folder?: string;
}

export async function listRemembered(flags: { readonly json?: boolean }): Promise<void> {
  const output = processOutput();
  using state = openState(homeFolder());
  const approvals = listApprovals(state);
  if (flags.json) {
    const told = approvals.map(({ project, tool, createdMs }) => ({
      folder: project,
      tool,
      since: new Date(createdMs).toISOString(),
    }));
    await output.data(`${JSON.stringify(told, null, 2)}\n`);
  } else if (approvals.length === 0) {
    output.status('No tool is always allowed. At the question about a call, the key "a" makes it so.');
  } else {
    const rows = approvals.map(({ project, tool, createdMs }) => [
      tool,
      new Date(createdMs).toISOString().slice(0, 10),
      project,
    ]);
    await output.data(`${table(rows)}\n`);
  }
}

/** Rejects with HostError `usage` where one of the tools is not always allowed in the folder. */
export async function forget(tools: readonly string[], flags: ForgetFlags): Promise<void> {
  const folder = resolve(flags.folder ?? '.');
  if (tools.length === 0 && !flags.all)
    throw new HostError('usage', 'Name the tools to be asked about again, or say --all.');
  using state = openState(homeFolder());
  const here = listApprovals(state).filter(({ project }) => project === folder);
  const forgotten = flags.all ? here : tools.map((tool) => rememberedTool(tool, here, folder));
  for (const { id } of forgotten) forgetApproval(state, id);
  const names = forgotten.map(({ tool }) => tool).join(', ');
  processOutput().status(
    names === '' ? `No tool is always allowed in ${folder}.` : `Asked about again in ${folder}: ${names}.`,
  );
}

function rememberedTool(
  tool: string,
  here: readonly RememberedApproval[],
  folder: string,
): RememberedApproval {
  const found = here.find((remembered) => remembered.tool === tool);
  if (found !== undefined) return found;
  const known = here.length === 0 ? 'none' : here.map((remembered) => remembered.tool).join(', ');
  throw new HostError(
    'usage',
    `"${tool}" is not always allowed in ${folder}. Always allowed there: ${known}. --folder names another folder.`,
  );
}
