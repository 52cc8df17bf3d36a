/** A plain conversation: each line is a request, the answer streams below it. */
import { text as readAll } from 'node:stream/consumers';
import { createInterface } from 'node:readline/promises';

import { packageRoot } from '../../config/package-root.ts';
import type { ModelMessage } from '../model/model.ts';
import type { RunFlags } from './commands.ts';
import { EXIT } from './exit-code.ts';
import { type OpenedHost, openHost } from './open-host.ts';
import { askOptions, showRun } from './run.ts';
import { isInteractive, styled } from './terminal.ts';

const SAMPLE_QUESTION = 'What does exit code 3 mean in Switchyard?';

/** What the bare command does: a chat at a terminal, the lines of a pipe, or without either a look at what it can do. */
export async function chatOrShow(flags: RunFlags): Promise<void> {
  if (isInteractive()) return chat(flags);
  const lines = requestLines(process.stdin.isTTY ? '' : await readAll(process.stdin));
  if (lines.length > 0) return converse(flags, lines);
  process.stderr.write(
    `No terminal and no input: here is one question about the documentation of Switchyard.\n> ${SAMPLE_QUESTION}\n`,
  );
  await converse({ ...flags, workingFolder: packageRoot() }, [SAMPLE_QUESTION]);
}

export async function chat(flags: RunFlags): Promise<void> {
  if (!isInteractive()) return converse(flags, requestLines(await readAll(process.stdin)));
  await using opened = await openHost(flags);
  const { choice } = await opened.host.models();
  opened.output.status(
    styled('dim', `${choice}\nA line is a request. /quit or Ctrl-D leaves; Ctrl-C stops an answer.`),
  );
  const conversation = new Conversation(flags, opened);
  for (;;) {
    const line = await readLine(opened.signal);
    if (line === undefined || line === '/quit') return;
    if (line.startsWith('/')) opened.output.status(`Unknown command ${line}. There is /quit.`);
    else if (line !== '') await conversation.ask(line);
  }
}

async function converse(
  flags: RunFlags & { workingFolder?: string },
  lines: readonly string[],
): Promise<void> {
  await using opened = await openHost(flags);
  const conversation = new Conversation(flags, opened);
  for (const line of lines) {
    if (opened.signal.aborted) return;
    const done = await conversation.ask(line);
    if (!done) process.exitCode = EXIT.failed;
  }
}

class Conversation {
  readonly #flags: RunFlags;
  readonly #opened: OpenedHost;
  #history: readonly ModelMessage[] = [];

  constructor(flags: RunFlags, opened: OpenedHost) {
    this.#flags = flags;
    this.#opened = opened;
  }

  /** False where the request did not come to an answer. */
  async ask(request: string): Promise<boolean> {
    const { host, signal } = this.#opened;
    const handle = await host.ask(request, askOptions(this.#flags, signal, this.#history));
    const release = this.#opened.onInterrupt(() => handle.cancel('Stopped.'));
    const outcome = await showRun(handle, this.#opened).finally(release);
    if (outcome.type !== 'done') return false;
    if (outcome.output.origin === 'model') this.#history = [...this.#history, ...outcome.output.messages];
    return true;
  }
}

/** Undefined at the end of input. */
async function readLine(signal: AbortSignal): Promise<string | undefined> {
  if (signal.aborted) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stderr, historySize: 0 });
  try {
    const ended = new Promise<undefined>((resolve) => terminal.once('close', () => resolve(undefined)));
    // Ctrl-C at the prompt leaves; during an answer it reaches the process and stops the answer.
    terminal.once('SIGINT', () => terminal.close());
    return (await Promise.race([terminal.question('> '), ended]))?.trim();
  } finally {
    terminal.close();
  }
}

function requestLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
