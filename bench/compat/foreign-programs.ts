/** How each foreign server is started, each in a folder of its own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { cacheFolder, entryScript } from './install.ts';
import type { Program } from './raw-stdio.ts';
import { ESLINT_CONFIG, FOREIGN_SERVERS, type ForeignServer, NOTE, SCRIPT } from './servers.ts';

export interface NamedProgram extends Program {
  readonly name: string;
}

/** Prepares the folders, too. */
export function foreignPrograms(folder: string): readonly NamedProgram[] {
  return FOREIGN_SERVERS.map((server) => {
    prepareFolder(folderOf(folder, server));
    return programOf(server, folderOf(folder, server));
  });
}

export function folderOf(folder: string, server: ForeignServer): string {
  return join(folder, server.name);
}

function prepareFolder(folder: string): void {
  mkdirSync(join(folder, 'repository'), { recursive: true });
  for (const { file, text } of [NOTE, SCRIPT, ESLINT_CONFIG]) writeFileSync(join(folder, file), text);
}

function programOf(server: ForeignServer, folder: string): NamedProgram {
  return {
    name: server.name,
    command: process.execPath,
    args: [entryScript(cacheFolder(), server), ...(server.args?.(folder) ?? [])],
    env: server.env?.(folder) ?? {},
    cwd: folder,
  };
}
