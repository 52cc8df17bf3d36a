import { text as readAll } from 'node:stream/consumers';

import { HostError, messageOf } from '../../errors.ts';
import { isJsonObject, type Json } from '../../json.ts';
import type { BudgetLimits } from '../context.ts';
import type { RunHandle, RunOutcome } from '../engine/engine.ts';
import type { AskOptions, Host } from '../host.ts';
import type { ModelMessage } from '../model/model.ts';
import { looksLikeId } from '../short-id.ts';
import { inputOfText } from '../workflow/input-of-text.ts';
import { achievedText, partialNote } from '../achieved-text.ts';
import type { LimitFlags, RunFlags } from './commands.ts';
import { exitCodeOfRun } from './exit-code.ts';
import { goingOn, tryingAgain } from './going-on.ts';
import { type OpenedHost, openHost } from './open-host.ts';
import { RunPrinter } from './run-printer.ts';
import { styled } from './terminal.ts';
import type { LiveTree } from './tree/live-tree.ts';

export const QUOTE_BANNER =
  'No language model is set up: these are quotes from your documents, not an answer.';

/** One request. stdout carries the answer, or with `--json` one event a line, and nothing else. */
export async function run(request: string, flags: RunFlags): Promise<void> {
  const text = request === '-' ? await readAll(process.stdin) : request;
  if (text.trim() === '')
    throw new HostError('usage', 'The request is empty. Write it in quotes: switchyard run "What is …?"');
  if (flags.inputJson === true && flags.workflow === undefined)
    throw new HostError('usage', '--input-json goes with --workflow.');
  if (flags.key !== undefined && flags.workflow === undefined)
    throw new HostError('usage', '--key goes with --workflow.');
  await using opened = await openHost({ onAsk: 'wait', ...flags });
  const sessionId = await sessionOf(flags, opened);
  const { workflow } = flags;
  const common = {
    onWait: onWaitOf(opened),
    ...(sessionId === undefined ? {} : { sessionId }),
  };
  const handle: RunHandle =
    workflow === undefined
      ? await opened.host.ask(text, { ...askOptions(flags, opened.signal), ...common })
      : await opened.host.run(workflow, inputOf(text, flags, opened.host), {
          signal: opened.signal,
          budget: budgetOf(flags),
          ...(flags.key === undefined ? {} : { key: flags.key }),
          ...common,
        });
  if (workflow === undefined && flags.model === undefined && !flags.json)
    opened.output.status(styled('dim', (await opened.host.models()).choice));
  const outcome = flags.json ? await writeEvents(handle, opened) : await showRun(handle, opened);
  process.exitCode = exitCodeOfRun(outcome);
}

/** What a workflow is given. */
function inputOf(
  text: string,
  { inputJson = false, workflow }: Pick<RunFlags, 'inputJson' | 'workflow'>,
  { workflows }: Pick<Host, 'workflows'>,
): Json {
  if (!inputJson) return inputOfText(text, workflows.find(({ name }) => name === workflow)?.input);
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new HostError(
      'usage',
      `With --input-json the request is JSON, and this is none: ${messageOf(error)}`,
    );
  }
}

/** Without a person at the terminal a run is left where it waits for one. */
export function onWaitOf({ questions }: Pick<OpenedHost, 'questions'>): 'stay' | 'leave' {
  return questions === undefined ? 'leave' : 'stay';
}

/** The id of the session that is asked for: one that there is, or a new one of that name. */
export async function sessionOf(
  { session }: Pick<RunFlags, 'session'>,
  { host, output }: Pick<OpenedHost, 'host' | 'output'>,
): Promise<string | undefined> {
  if (session === undefined) return undefined;
  try {
    return (await host.sessions.get(session)).id;
  } catch (error) {
    if (!(error instanceof HostError) || error.code !== 'unknown-session' || looksLikeId(session))
      throw error;
    const { id } = await host.sessions.create({ name: session });
    output.status(styled('dim', `A new session "${session}" (${id}).`));
    return id;
  }
}

export function budgetOf({
  maxUsd,
  maxTurns,
  maxTokens,
  maxToolCalls,
  maxDepth,
  timeout,
}: LimitFlags): BudgetLimits {
  return {
    ...(maxUsd === undefined ? {} : { maxUsd }),
    ...(maxTurns === undefined ? {} : { maxTurns }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(maxToolCalls === undefined ? {} : { maxToolCalls }),
    ...(maxDepth === undefined ? {} : { maxDepth }),
    ...(timeout === undefined ? {} : { timeoutMs: timeout * 1_000 }),
  };
}

export function askOptions(
  flags: RunFlags,
  signal: AbortSignal,
  history?: readonly ModelMessage[],
): AskOptions {
  return {
    signal,
    budget: budgetOf(flags),
    ...(history === undefined ? {} : { history }),
    ...(flags.model === undefined ? {} : { model: flags.model }),
    ...(flags.memory === undefined ? {} : { memory: flags.memory }),
  };
}

/** The events from that number on, by default all, one a line. */
export async function writeEvents(handle: RunHandle, opened: OpenedHost, from?: number): Promise<RunOutcome> {
  const { output } = opened;
  for await (const event of handle.events(from)) await output.data(`${JSON.stringify(event)}\n`);
  const outcome = await handle.result;
  if (outcome.type === 'suspended') output.status(suspendedText(outcome));
  if (outcome.type === 'stopped') output.status(goingOn(outcome, opened.host));
  return outcome;
}

/** Shows a run to a person, from that event on, and its answer or why there is none. */
export async function showRun<Output extends Json>(
  handle: RunHandle<Output>,
  opened: OpenedHost,
  from?: number,
): Promise<RunOutcome<Output>> {
  const { output, host, questions } = opened;
  const printer = new RunPrinter({
    output,
    // What several agents say side by side is no answer.
    live: process.stdout.isTTY === true && ONE_VOICE.has(handle.run.workflow),
    asked: questions !== undefined,
  });
  let tree: LiveTree | undefined;
  try {
    for await (const event of handle.events(from)) {
      if (event.type === 'branch-start') tree ??= await liveTree(handle.run.workflow);
      tree?.see(event);
      if (tree?.tree.tells(event) !== true) await printer.show(event);
    }
  } finally {
    tree?.stop();
  }
  const outcome = await handle.result;
  switch (outcome.type) {
    case 'done':
      await printer.finish(await answerText(outcome.output, host));
      break;
    case 'failed': {
      await printer.note(outcome.error.message);
      const again = tryingAgain(outcome, host);
      if (again !== undefined) await printer.note(again);
      break;
    }
    case 'stopped': {
      const soFar = achievedText(outcome.achieved);
      if (soFar !== undefined) await printer.finish(soFar);
      await printer.note(outcome.message);
      await printer.note(partialNote(outcome.achieved));
      await printer.note(goingOn(outcome, host));
      break;
    }
    case 'cancelled':
      await printer.note(outcome.message);
      break;
    case 'suspended':
      await printer.note(suspendedText(outcome));
      break;
    default:
      outcome satisfies never;
  }
  return outcome;
}

/** Of a run with branches, where a person sees it. */
async function liveTree(workflow: string): Promise<LiveTree | undefined> {
  if (process.stderr.isTTY !== true) return undefined;
  return (await import('./tree/open-live-tree.ts')).openLiveTree(workflow);
}

const ONE_VOICE: ReadonlySet<string> = new Set(['agent', 'single-tool', 'quote']);

/** The answer of a workflow of ours; of any other the JSON of what it gave. */
async function answerText(output: Json, host: Host): Promise<string> {
  if (typeof output === 'string') return output;
  if (!isJsonObject(output) || typeof output['text'] !== 'string') return JSON.stringify(output, null, 2);
  if (output['origin'] !== 'quote') return output['text'];
  return `${QUOTE_BANNER}\n\n${output['text']}\n\n${(await host.models()).advice}`;
}

function suspendedText({ message, runId }: Extract<RunOutcome, { type: 'suspended' }>): string {
  return `${message} To go on with it: switchyard runs resume ${runId}`;
}
