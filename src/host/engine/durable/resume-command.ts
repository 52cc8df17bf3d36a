import { join } from 'node:path';

import { CONFIG_NAME } from '../../../config/find-config.ts';
import { shippedConfigFile } from '../../../config/package-root.ts';
import { shellQuoted } from '../../../shell-quoted.ts';
import type { RunRecord } from '../engine.ts';
import type { RunRow } from './run-rows.ts';

/** What a person types to go on with a run, in a shell that stands in `folder`. */
export function resumeCommand(
  {
    run,
    project,
    configFile,
  }: { readonly run: Pick<RunRecord, 'id'> } & Pick<RunRow, 'project' | 'configFile'>,
  folder: string,
): string {
  const go = project === folder ? '' : `cd ${shellQuoted(project)} && `;
  const found = [undefined, join(project, CONFIG_NAME), shippedConfigFile()];
  return `${go}switchyard runs resume ${run.id}${found.includes(configFile) ? '' : ` --config ${shellQuoted(configFile ?? '')}`}`;
}
