/** Servers from npm that nobody here wrote, each with a call that needs neither a network nor a key. */
import { join } from 'node:path';

import type { JsonObject } from '../../src/json.ts';

export interface ForeignServer {
  readonly name: string;
  readonly package: string;
  readonly version: string;
  readonly args?: (folder: string) => readonly string[];
  readonly env?: (folder: string) => Readonly<Record<string, string>>;
  /** The server's own name of the tool that is called. */
  readonly tool: string;
  readonly arguments: (folder: string) => JsonObject;
  /** What the text of the answer holds when the call did what it should. */
  readonly answers: RegExp;
}

/** What the servers find in the folder that each of them is given. */
export const NOTE = { file: 'note.md', text: '# Note\n\nThe signal box stands at kilometre 47.\n' } as const;
export const SCRIPT = { file: 'signal.js', text: 'export const signal = 47;\n' } as const;
export const ESLINT_CONFIG = { file: 'eslint.config.js', text: 'export default [{}];\n' } as const;

export const FOREIGN_SERVERS: readonly ForeignServer[] = [
  {
    name: 'everything',
    package: '@modelcontextprotocol/server-everything',
    version: '2026.8.31',
    tool: 'get-sum',
    arguments: () => ({ a: 40, b: 7 }),
    answers: /47/,
  },
  {
    name: 'filesystem',
    package: '@modelcontextprotocol/server-filesystem',
    version: '2026.8.31',
    args: (folder) => [folder],
    tool: 'read_text_file',
    arguments: (folder) => ({ path: join(folder, NOTE.file) }),
    answers: /kilometre 47/,
  },
  {
    name: 'memory',
    package: '@modelcontextprotocol/server-memory',
    version: '2026.8.31',
    env: (folder) => ({ MEMORY_FILE_PATH: join(folder, 'memory.jsonl') }),
    tool: 'create_entities',
    arguments: () => ({
      entities: [{ name: 'signal box', entityType: 'building', observations: ['at kilometre 47'] }],
    }),
    answers: /kilometre 47/,
  },
  {
    name: 'sequential-thinking',
    package: '@modelcontextprotocol/server-sequential-thinking',
    version: '2026.8.31',
    tool: 'sequentialthinking',
    arguments: () => ({
      thought: 'Count the sleepers.',
      nextThoughtNeeded: false,
      thoughtNumber: 1,
      totalThoughts: 1,
    }),
    answers: /"thoughtNumber":\s*1/,
  },
  {
    name: 'hello-world',
    package: 'mcp-hello-world',
    version: '1.1.2',
    tool: 'add',
    arguments: () => ({ a: 40, b: 7 }),
    answers: /47/,
  },
  {
    name: 'time',
    package: 'time-mcp',
    version: '1.0.6',
    tool: 'days_in_month',
    arguments: () => ({ date: '2024-02-01' }),
    answers: /29/,
  },
  {
    name: 'obsidian',
    package: 'mcp-obsidian',
    version: '1.0.0',
    args: (folder) => [folder],
    tool: 'read_notes',
    arguments: () => ({ paths: [NOTE.file] }),
    answers: /kilometre 47/,
  },
  {
    name: 'commands',
    package: 'mcp-server-commands',
    version: '0.5.0',
    tool: 'run_command',
    arguments: () => ({ command: 'echo kilometre 47' }),
    answers: /kilometre 47/,
  },
  {
    name: 'repomix',
    package: 'repomix',
    version: '1.14.0',
    args: () => ['--mcp'],
    tool: 'file_system_read_directory',
    arguments: (folder) => ({ path: folder }),
    answers: /note\.md/,
  },
  {
    name: 'git',
    package: '@cyanheads/git-mcp-server',
    version: '2.15.3',
    tool: 'git_init',
    arguments: (folder) => ({ path: join(folder, 'repository'), initialBranch: 'main' }),
    answers: /main/,
  },
  {
    name: 'eslint',
    package: '@eslint/mcp',
    version: '0.3.13',
    tool: 'lint-files',
    arguments: (folder) => ({ filePaths: [join(folder, SCRIPT.file)] }),
    answers: /signal\.js/,
  },
];
