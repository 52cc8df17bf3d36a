/** The program as a person without any key uses it: one process a command. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';

import { PROGRAM, programEnvironment, type Workspace } from './running-server.ts';

export interface CommandLine {
  /** Fills the retrieval server with the whole project. */
  ingest(): Promise<void>;
  /** File names of the documents that `run` quotes, best first, and the time of the whole command. */
  quotedDocuments(request: string): Promise<{ readonly documents: readonly string[]; readonly ms: number }>;
}

export function commandLine({ project, home }: Pick<Workspace, 'project' | 'home'>): CommandLine {
  // A hidden file is not indexed with the documents beside it.
  const config = join(project, '.mcp.config.json');
  writeFileSync(config, JSON.stringify({ mcpServers: { retrieval: { builtin: 'retrieval' } } }));
  const switchyard = async (...args: string[]): Promise<{ readonly output: string; readonly ms: number }> => {
    const start = performance.now();
    const child = spawn(process.execPath, [PROGRAM, ...args, '--config', config], {
      cwd: project,
      // Nothing of this machine's keys and model servers reaches the program.
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: home,
        ...programEnvironment(home),
        OLLAMA_HOST: UNUSED_ADDRESS,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    if (code !== 0) throw new Error(`switchyard ${args[0] ?? ''} ended with ${code}: ${errors}${output}`);
    return { output, ms: performance.now() - start };
  };
  return {
    ingest: async () => {
      await switchyard('ingest', project);
    },
    quotedDocuments: async (request) => {
      const { output, ms } = await switchyard('run', request, '--json');
      const events = output
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as RunEventLine);
      const quoting = events.find((event) => event.type === 'quote');
      if (quoting?.quotes === undefined)
        throw new Error('run gave no quotes. Is a model in reach, for example LM Studio on this machine?');
      return { documents: quoting.quotes.map(({ source }) => basename(source)), ms };
    },
  };
}

/** The port of the discard service, where nothing answers. */
const UNUSED_ADDRESS = '127.0.0.1:9';

interface RunEventLine {
  readonly type: string;
  readonly quotes?: readonly { readonly source: string }[];
}
