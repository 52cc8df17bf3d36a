import { text as readAll } from 'node:stream/consumers';

import { HostError } from '../../errors.ts';
import type { BudgetLimits } from '../context.ts';
import type { RunHandle, RunOutcome } from '../engine/engine.ts';
import type { AskOptions } from '../host.ts';
import type { ModelMessage } from '../model/model.ts';
import { looksLikeId } from '../short-id.ts';
import type { AgentOutput } from '../workflow/agent.ts';
import type { QuoteOutput } from '../workflow/quote.ts';
import type { RunFlags } from './commands.ts';
import { exitCodeOfRun } from './exit-code.ts';
import { type OpenedHost, openHost } from './open-host.ts';
import { RunPrinter } from './run-printer.ts';
import { styled } from './terminal.ts';

export const QUOTE_BANNER =
  'No language model is set up: these are quotes from your documents, not an answer.';

/** One request. stdout carries the answer, or with `--json` one event a line, and nothing else. */
export async function run(request: string, flags: RunFlags): Promise<void> {
  const text = request === '-' ? await readAll(process.stdin) : request;
  if (text.trim() === '')
    throw new HostError('usage', 'The request is empty. Write it in quotes: switchyard run "What is …?"');
  await using opened = await openHost(flags);
  const sessionId = await sessionOf(flags, opened);
  const handle = await opened.host.ask(text, {
    ...askOptions(flags, opened.signal),
    ...(sessionId === undefined ? {} : { sessionId }),
  });
  if (flags.model === undefined && !flags.json)
    opened.output.status(styled('dim', (await opened.host.models()).choice));
  const outcome = flags.json ? await writeEvents(handle, opened) : await showRun(handle, opened);
  process.exitCode = exitCodeOfRun(outcome);
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

export function askOptions(
  flags: RunFlags,
  signal: AbortSignal,
  history?: readonly ModelMessage[],
): AskOptions {
  const budget: BudgetLimits = {
    ...(flags.maxUsd === undefined ? {} : { maxUsd: flags.maxUsd }),
    ...(flags.maxTurns === undefined ? {} : { maxTurns: flags.maxTurns }),
    ...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout * 1_000 }),
  };
  return {
    signal,
    budget,
    ...(history === undefined ? {} : { history }),
    ...(flags.model === undefined ? {} : { model: flags.model }),
    ...(flags.memory === undefined ? {} : { memory: flags.memory }),
  };
}

async function writeEvents(handle: RunHandle, { output }: OpenedHost): Promise<RunOutcome> {
  for await (const event of handle.events()) await output.data(`${JSON.stringify(event)}\n`);
  return handle.result;
}

/** Shows a run to a person, and its answer or why there is none. */
export async function showRun(
  handle: RunHandle<AgentOutput | QuoteOutput>,
  { output, host, questions }: OpenedHost,
): Promise<RunOutcome<AgentOutput | QuoteOutput>> {
  const printer = new RunPrinter({
    output,
    live: process.stdout.isTTY === true,
    asked: questions !== undefined,
  });
  for await (const event of handle.events()) await printer.show(event);
  const outcome = await handle.result;
  switch (outcome.type) {
    case 'done':
      if (outcome.output.origin === 'model') await printer.finish(outcome.output.text);
      else
        await printer.finish(`${QUOTE_BANNER}\n\n${outcome.output.text}\n\n${(await host.models()).advice}`);
      break;
    case 'failed':
      await printer.note(outcome.error.message);
      break;
    case 'stopped':
    case 'cancelled':
      await printer.note(outcome.message);
      break;
    case 'suspended':
      await printer.note(`${outcome.message} To go on with it: switchyard runs resume ${outcome.runId}`);
      break;
    default:
      outcome satisfies never;
  }
  return outcome;
}
