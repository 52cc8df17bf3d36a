/** A conversation by lines: for pipes, and for a terminal that cannot move its cursor. */
import { createInterface } from 'node:readline/promises';

import { packageRoot } from '../../../config/package-root.ts';
import { HostError } from '../../../errors.ts';
import type { RunHandle } from '../../engine/engine.ts';
import type { CutOffRun } from '../../run-archive.ts';
import type { ChatFlags } from '../commands.ts';
import { EXIT } from '../exit-code.ts';
import { type OpenedHost, openHost } from '../open-host.ts';
import { sessionOf, showRun } from '../run.ts';
import { styled } from '../terminal.ts';
import { Conversation } from './conversation.ts';
import { namesWorkflow, workflowLineOf } from './workflow-command.ts';
import { CUT_OFF, goOnWith, NOT_CUT_OFF } from './go-on.ts';

const SAMPLE_QUESTION = 'What does exit code 3 mean in Switchyard?';

/** Every line that is typed is a request. Ends with the input. */
export async function talkByLines(flags: ChatFlags): Promise<void> {
  await using opened = await openHost({ ...flags, watchConfig: 'tell' });
  void tellNotices(opened);
  const { choice } = await opened.host.models();
  opened.output.status(
    styled('dim', `${choice}\nA line is a request. /quit or Ctrl-D leaves; Ctrl-C stops an answer.`),
  );
  const conversation = await begin(flags, opened, true);
  if ((await cutOffRun(conversation, opened)) !== undefined) opened.output.status(styled('yellow', CUT_OFF));
  for (;;) {
    const line = await readLine(opened.signal);
    if (line === undefined || line === '/quit') break;
    if (line === '/continue') await goOn(conversation, opened);
    else if (line.startsWith('/') && !namesWorkflow(line, opened.host.workflows))
      opened.output.status(
        `There is no command ${line} here. There are /continue and /quit, and / with the name of a workflow.`,
      );
    else if (line !== '') await answer(conversation, line, opened);
  }
  const { sessionId } = conversation;
  if (sessionId !== undefined) opened.output.status(styled('dim', goOnWith(sessionId)));
}

/** Answers each line of a text in turn. The exit code says whether all were answered. */
export async function answerLines(
  flags: ChatFlags & { readonly workingFolder?: string },
  text: string,
): Promise<void> {
  await using opened = await openHost(flags);
  const conversation = await begin(flags, opened, false);
  const cutOff = await cutOffRun(conversation, opened);
  if (cutOff !== undefined)
    opened.output.status(
      `The last request was cut off. To go on with it: switchyard runs resume ${cutOff.id}`,
    );
  for (const line of requestLines(text)) {
    if (opened.signal.aborted) return;
    if (!(await answer(conversation, line, opened))) process.exitCode = EXIT.failed;
  }
}

/** What there is to see without a terminal and without input: one question about the program's own documentation. */
export async function showSample(flags: ChatFlags): Promise<void> {
  process.stderr.write(
    `No terminal and no input: here is one question about the documentation of Switchyard.\n> ${SAMPLE_QUESTION}\n`,
  );
  await answerLines({ ...flags, workingFolder: packageRoot() }, SAMPLE_QUESTION);
}

export function requestLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** With the session that was asked for; `--resume` takes the one of this folder that was used last. */
async function begin(flags: ChatFlags, opened: OpenedHost, kept: boolean): Promise<Conversation> {
  const { host, output, signal } = opened;
  const onNotKept = (reason: string): void => output.status(`This conversation is not kept: ${reason}`);
  const conversation = new Conversation({ host, flags, signal, kept, onNotKept });
  const wanted = await sessionOf(flags, opened);
  const [latest] = flags.resume ? await host.sessions.list({ project: process.cwd() }) : [];
  if (wanted !== undefined) conversation.resume(await host.sessions.get(wanted));
  else if (latest) conversation.resume(latest);
  return conversation;
}

/** What becomes of an edited config; what is wrong with it is told by the log's own lines. Ends with the host. */
async function tellNotices({ host, output, signal }: OpenedHost): Promise<void> {
  for await (const { level, message } of host.notices(signal))
    if (level === 'info') output.status(styled('dim', message));
}

/** False where the request did not come to an answer. */
async function answer(conversation: Conversation, request: string, opened: OpenedHost): Promise<boolean> {
  const { workflows } = opened.host;
  const { workflow } = conversation;
  if (namesWorkflow(request, workflows) || workflow !== undefined)
    return answerByWorkflow(conversation, request, opened);
  const handle = await conversation.ask(request);
  const release = opened.onInterrupt(() => handle.cancel('Stopped.'));
  const outcome = await showRun(handle, opened).finally(release);
  conversation.ended(outcome);
  return outcome.type === 'done';
}

async function answerByWorkflow(
  conversation: Conversation,
  request: string,
  opened: OpenedHost,
): Promise<boolean> {
  const { workflow: standard = '' } = conversation;
  let handle: RunHandle;
  try {
    const named = workflowLineOf(request, opened.host.workflows);
    const { workflow, text } = named ?? { workflow: standard, text: request };
    handle = await conversation.run(workflow, text);
  } catch (thrown) {
    // What was written does not fit, which is no reason to end.
    if (!(thrown instanceof HostError)) throw thrown;
    opened.output.status(thrown.message);
    return false;
  }
  const release = opened.onInterrupt(() => handle.cancel('Stopped.'));
  const outcome = await showRun(handle, opened).finally(release);
  conversation.workflowEnded(handle, outcome);
  return outcome.type === 'done';
}

async function cutOffRun({ sessionId }: Conversation, { host }: OpenedHost): Promise<CutOffRun | undefined> {
  return sessionId === undefined ? undefined : host.archive.cutOff(sessionId);
}

async function goOn(conversation: Conversation, opened: OpenedHost): Promise<void> {
  const cutOff = await cutOffRun(conversation, opened);
  if (cutOff === undefined) {
    opened.output.status(NOT_CUT_OFF);
    return;
  }
  const handle = await opened.host.resume(cutOff.id, { signal: opened.signal });
  const release = opened.onInterrupt(() => handle.cancel('Stopped.'));
  await showRun(handle, opened, cutOff.nextEvent).finally(release);
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
