/** Takes back what a person answered with "always". */
import { resolve } from 'node:path';

import { homeFolder } from '../../config/environment.ts';
import { HostError } from '../../errors.ts';
import { forgetApproval, listApprovals, type RememberedApproval } from '../approval/remembered.ts';
import { openState, type State } from '../state.ts';
import type { ForgetFlags } from './approval-commands.ts';
import { processOutput } from './terminal.ts';

/** Rejects with HostError `usage` where one of the tools is not always allowed in the folder. */
export async function forget(tools: readonly string[], flags: ForgetFlags): Promise<void> {
  const folder = resolve(flags.folder ?? '.');
  if (tools.length === 0 && !flags.all)
    throw new HostError('usage', 'Name the tools to be asked about again, or say --all.');
  using state = openState(homeFolder());
  const here = listApprovals(state).filter(
    (remembered) =>
      (flags.scope === undefined || remembered.scope === flags.scope) && holdsIn(state, folder, remembered),
  );
  const forgotten = flags.all ? here : tools.flatMap((tool) => rememberedTool(tool, here, folder));
  for (const { id } of forgotten) forgetApproval(state, id);
  const names = [...new Set(forgotten.map(({ tool }) => tool))].join(', ');
  const everywhere = forgotten.some(({ scope }) => scope === 'person');
  processOutput().status(
    names === ''
      ? `No tool is always allowed in ${folder}.`
      : `Asked about again in ${folder}${everywhere ? ' and everywhere else' : ''}: ${names}.`,
  );
}

/** What makes a tool run unasked in a folder: what was said of it, of one of its sessions, or of every folder. */
function holdsIn({ database }: State, folder: string, { scope, place }: RememberedApproval): boolean {
  if (scope !== 'session') return scope === 'person' || place === folder;
  const session = database.prepare('SELECT project FROM sessions WHERE id = ?').get(place);
  return session === undefined || session['project'] === folder;
}

function rememberedTool(
  tool: string,
  here: readonly RememberedApproval[],
  folder: string,
): readonly RememberedApproval[] {
  const found = here.filter((remembered) => remembered.tool === tool);
  if (found.length > 0) return found;
  const known =
    here.length === 0 ? 'none' : [...new Set(here.map((remembered) => remembered.tool))].join(', ');
  throw new HostError(
    'usage',
    `"${tool}" is not always allowed in ${folder}. Always allowed there: ${known}. --folder names another folder.`,
  );
}
