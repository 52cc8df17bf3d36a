import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { embedderFolder, homeFolder, serverDataFolder } from '../../config/environment.ts';
import { COMMON_OPTIONS, COMMON_USAGE, readArguments } from '../arguments.ts';
import { stderrLog } from '../log.ts';
import { serve } from '../serve.ts';
import { Library } from './library.ts';
import { buildRetrievalServer } from './server.ts';

const NAME = 'retrieval';

const USAGE = `Usage: switchyard server retrieval [--project <folder>] [--source <path>]...

Indexes documents and finds passages in them, by words and by meaning.

  --project <folder>  whose collection it is; default: the current folder
  --source <path>     a file or folder that is indexed whenever the server starts; repeatable
${COMMON_USAGE}`;

/** Serves until its client goes away. Wrong arguments set the exit code 2 and return. */
export async function main(argv: readonly string[]): Promise<void> {
  const parsed = readArguments(USAGE, () => {
    const options = {
      ...COMMON_OPTIONS,
      project: { type: 'string' },
      source: { type: 'string', multiple: true },
    } as const;
    return parseArgs({ args: [...argv], options }).values;
  });
  if (parsed === undefined) return;
  const { values, http } = parsed;
  const home = homeFolder();
  // By its real path, so that a folder has one collection however it is reached.
  const projectFolder = realpathSync(resolve(values.project ?? '.'));
  const log = stderrLog(NAME);
  const library = new Library({
    projectFolder,
    dataFolder: serverDataFolder(NAME, projectFolder, home),
    homeFolder: home,
    embedderFolder: embedderFolder(home),
    sources: (values.source ?? []).map((source) => resolve(projectFolder, source)),
    log,
  });
  await serve(() => buildRetrievalServer(library, log), {
    name: NAME,
    onClose: () => library[Symbol.asyncDispose](),
    ...(http !== undefined && { http }),
  });
}
