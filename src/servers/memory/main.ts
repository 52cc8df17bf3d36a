import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { embedderFolder, homeFolder, serverDataFolder } from '../../config/environment.ts';
import { openEmbedder } from '../../embedding/index.ts';
import { COMMON_OPTIONS, COMMON_USAGE, UsageError, readArguments } from '../arguments.ts';
import { stderrLog } from '../log.ts';
import { serve } from '../serve.ts';
import type { MemoryContext } from './context.ts';
import { otherProjects } from './other-projects.ts';
import { ScopeStore } from './scope-store.ts';
import { buildMemoryServer } from './server.ts';

const NAME = 'memory';
/** Beside the folders of projects, whose names all end in a hash. */
const PERSON_FOLDER = 'person';

const USAGE = `Usage: switchyard server memory [--project <folder>]

Remembers facts, conversations and their summaries, finds them again, and forgets them for good.

  --project <folder>   whose memory this is; default: the current folder
${COMMON_USAGE}`;

/** Serves until its client goes away. Wrong arguments set the exit code 2 and return. */
export async function main(argv: readonly string[]): Promise<void> {
  const parsed = readArguments(USAGE, () => {
    const options = { ...COMMON_OPTIONS, project: { type: 'string' } } as const;
    const { values } = parseArgs({ args: [...argv], options });
    return { ...values, projectFolder: projectFolder(values.project ?? '.') };
  });
  if (parsed === undefined) return;
  const { values, http } = parsed;
  const log = stderrLog(NAME);
  const home = homeFolder();
  const folder = serverDataFolder(NAME, values.projectFolder, home);
  const root = dirname(folder);
  const personFolder = join(root, PERSON_FOLDER);
  const embedder = openEmbedder({ homeFolder: home, folder: embedderFolder(home) });
  const stores: MemoryContext['stores'] = {
    project: new ScopeStore({ scope: 'project', folder, embedder, log }),
    person: new ScopeStore({ scope: 'person', folder: personFolder, embedder, log }),
  };
  const others = otherProjects({ root, except: [basename(folder), PERSON_FOLDER], embedder, log });
  await serve(() => buildMemoryServer({ stores, others, log }), {
    name: NAME,
    ...(http !== undefined && { http }),
    onClose: async () => {
      await Promise.all([stores.project[Symbol.asyncDispose](), stores.person[Symbol.asyncDispose]()]);
      await embedder[Symbol.asyncDispose]();
    },
  });
}

/** The same folder has the same memory by whichever link it is reached. */
function projectFolder(given: string): string {
  const path = resolve(given);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UsageError(`--project is '${given}', but ${path} is no folder. Give a folder that exists.`);
  }
  return realpathSync(path);
}
