import { McpServer } from '@modelcontextprotocol/server';

import { packageVersion } from '../version.ts';
import type { FilesystemContext } from './context.ts';
import { registerCreateDirectory } from './create-directory.ts';
import { registerDirectoryTree } from './directory-tree.ts';
import { registerEditFile } from './edit-file.ts';
import { registerFileInfo } from './file-info.ts';
import { registerListDirectory } from './list-directory.ts';
import { registerListRoots } from './list-roots.ts';
import { registerMoveFile } from './move-file.ts';
import { registerReadFile } from './read-file.ts';
import { registerSearchContent } from './search-content.ts';
import { registerSearchFiles } from './search-files.ts';
import { registerWriteFile } from './write-file.ts';

const READING = [
  registerReadFile,
  registerListDirectory,
  registerDirectoryTree,
  registerSearchFiles,
  registerSearchContent,
  registerFileInfo,
  registerListRoots,
];

const WRITING = [registerWriteFile, registerEditFile, registerMoveFile, registerCreateDirectory];

/** The tools over the given roots; those that write only where the roots may be written. */
export function buildFilesystemServer(context: FilesystemContext): McpServer {
  const { folders, readOnly } = context.roots;
  const server = new McpServer(
    { name: 'switchyard-filesystem', title: 'Files', version: packageVersion() },
    {
      instructions: `Files below ${folders.join(', ')}${readOnly ? ', read only' : ''}. Relative paths count from ${folders[0]}.`,
    },
  );
  for (const register of readOnly ? READING : [...READING, ...WRITING]) register(server, context);
  return server;
}
