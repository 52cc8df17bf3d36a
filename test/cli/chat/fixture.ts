/** A chat in a terminal, over a scripted model and real MCP servers. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { JsonObject } from '../../../src/json.ts';
import {
  type ModelServer,
  type ModelServerOptions,
  startModelServer,
} from '../../fixtures/model/model-server.ts';
import { type TemporaryFolder, temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { openTerminal, type Terminal, type TerminalOptions } from '../../fixtures/terminal.ts';

export type Script = ModelServerOptions['script'];

export interface ChatFolder extends AsyncDisposable {
  readonly cwd: string;
  readonly home: string;
  readonly model: ModelServer;
  /** What the model answers from here on; `n` counts from 0 again. */
  script(script: Script): void;
  open(options?: Partial<TerminalOptions>): Terminal;
  /** What the tools of the server `agent` have done. */
  ledger(): Promise<string>;
}

export interface ChatFolderOptions {
  readonly servers?: JsonObject;
  readonly config?: JsonObject;
  readonly contextWindowTokens?: number;
}

export const fixtureServer = (name: string, ...args: string[]): JsonObject => ({
  command: process.execPath,
  args: [join(import.meta.dirname, `../../fixtures/mcp/${name}.ts`), ...args],
});

export async function openChatFolder(options: ChatFolderOptions = {}): Promise<ChatFolder> {
  const folder: TemporaryFolder = await temporaryFolder('chat');
  const cwd = join(folder.path, 'work');
  const ledgerFile = join(folder.path, 'ledger');
  await mkdir(cwd);
  await writeFile(ledgerFile, '');
  let script: Script = (request) => ({ type: 'answer', text: `You said: ${request.userText}` });
  let before = 0;
  const model = await startModelServer({ script: (request, n) => script(request, n - before) });
  const config = {
    mcpServers: { agent: fixtureServer('agent-tools', ledgerFile), ...options.servers },
    models: {
      default: {
        model: 'anthropic/scripted',
        baseUrl: model.url,
        apiKey: 'sk-test-abcdefghijklmnop',
        price: { inputUsdPerMillion: 1_000, outputUsdPerMillion: 5_000 },
        contextWindowTokens: options.contextWindowTokens ?? 10_000,
      },
    },
    ...options.config,
  };
  await writeFile(join(cwd, 'chat.json'), JSON.stringify(config));
  return {
    cwd,
    home: join(folder.path, 'home'),
    model,
    script(next) {
      before = model.requests.length;
      script = next;
    },
    open: ({ args = [], ...more } = {}) =>
      openTerminal({
        cwd,
        home: join(folder.path, 'home'),
        args: ['--config', 'chat.json', ...args],
        ...more,
      }),
    ledger: () => readFile(ledgerFile, 'utf8'),
    async [Symbol.asyncDispose]() {
      await model[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Types a request and sends it. */
export function ask(terminal: Terminal, request: string): void {
  terminal.type(request);
  terminal.press('enter');
}

/** The screen when nothing is being worked on. */
export function untilIdle(terminal: Terminal, wanted: string | RegExp): Promise<string> {
  const holds = (screen: string): boolean =>
    typeof wanted === 'string' ? screen.includes(wanted) : wanted.test(screen);
  return terminal.waitFor((screen) => holds(screen) && !WORKING.test(screen));
}

/** Begins behind the spinner. */
const WORKING = /^\S (Waiting|Thinking|Answering|Writing|Running|Stopping)/m;
