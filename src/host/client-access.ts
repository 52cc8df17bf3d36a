/** Resources and prompts for clients of ours: what guards do to a tool's answer they do to these. */
import { setTimeout as delay } from 'node:timers/promises';

import { isCalled } from '../by-name.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { CallOptions, CallOutcome, LogSink, Registry } from '../registry/contract.ts';
import { approvalOf } from './approval/kept-approval.ts';
import type { ClientRuns } from './client-run/contract.ts';
import type { StoredEventInput } from './event.ts';
import type { Guards } from './guard/verdict.ts';
import type { ResultStore } from './result/contract.ts';
import { readStoredResource } from './result/read-resource.ts';
import { isResultHandle } from './result/result-uri.ts';
import type { State } from './state.ts';
import type { CallerInput } from './tool-call/caller-input.ts';
import { askableOf, createInputAnswerer, type InputOptions } from './tool-call/input.ts';

export interface ClientAccess {
  /** See Registry.read; a stored result under `switchyard://results/…` is read only for the actor that it belongs to. */
  read(uri: string, actor: string, options: ClientReadOptions): Promise<CallOutcome>;
  /** See Registry.prompt. */
  prompt(
    name: string,
    args: Readonly<Record<string, string>>,
    actor: string,
    options: ClientReadOptions,
  ): Promise<CallOutcome>;
  /** Whether the approval is no longer open when the time is over: it was answered, taken back, or expired. */
  decided(approvalId: string, wait: ApprovalWait): Promise<boolean>;
  /** Runs of the agent that clients ask for. */
  readonly runs: ClientRuns;
}

export interface ApprovalWait {
  readonly signal: AbortSignal;
  readonly withinMs: number;
  /** Called now and then while it is waited. */
  readonly onWait?: (waitedMs: number) => void;
}

export interface ClientReadOptions extends Omit<CallOptions, 'onInput' | 'inputRounds'> {
  /** Answers what the server asks meanwhile, where it can. */
  readonly caller?: CallerInput;
}

export interface ClientAccessOptions {
  readonly registry: Pick<Registry, 'catalog' | 'read' | 'prompt'>;
  readonly results: ResultStore;
  readonly guards: Guards;
  readonly input: InputOptions;
  readonly state: () => Promise<State>;
  readonly log: LogSink;
  readonly runs: ClientRuns;
}

export function createClientAccess(options: ClientAccessOptions): ClientAccess {
  const { registry, results, guards, input, log } = options;
  const asked = ({ caller, ...call }: ClientReadOptions, actor: string, server: string): CallOptions => {
    const answerer = createInputAnswerer(input, { actor }, caller);
    const emit = (event: { readonly type: string }): void =>
      log({ level: 'debug', component: 'serve', event: event.type, server });
    return {
      ...call,
      ...(caller === undefined ? {} : { clientCapabilities: askableOf(input, caller) }),
      ...(caller?.asksForUrls === true ? { asksForUrls: true } : {}),
      onInput: (request) => answerer.answer(request, { emit }),
    };
  };
  /** `blocks` are the parts of the result in the shape of a tool's, and `rebuilt` makes the result of them again. */
  const guarded = async (what: Guarded, outcome: CallOutcome, parts: Parts): Promise<CallOutcome> => {
    if (outcome.type !== 'complete') return guards.redact(outcome);
    const { result } = outcome;
    const content = parts.blocks(result);
    const emit = (event: StoredEventInput): void => log(guardEntry(what, event));
    const decision = await guards.toolResult(
      { callId: 'client', name: what.name, server: what.server, result: { content } },
      { signal: what.signal, emit },
    );
    if (decision.type === 'deny') {
      const message = `${what.name} was answered, and the answer is withheld: ${decision.reason}.`;
      return { type: 'tool-error', code: 'denied', message };
    }
    const { content: allowed } = decision.value;
    if (allowed === content || !Array.isArray(allowed)) return outcome;
    return { type: 'complete', result: parts.rebuilt(result, allowed) };
  };
  const never = new AbortController().signal;

  return {
    async read(uri, actor, readOptions) {
      if (isResultHandle(uri)) return readStoredResource(results, uri, { actor });
      const server = registry.catalog().resources.find((entry) => entry.uri === uri)?.server ?? '';
      const { signal = never } = readOptions;
      const outcome = await registry.read(uri, asked(readOptions, actor, server));
      return guarded({ name: uri, server, signal }, outcome, CONTENTS);
    },
    async prompt(name, args, actor, readOptions) {
      const server = registry.catalog().prompts.find((entry) => isCalled(entry, name))?.server ?? '';
      const { signal = never } = readOptions;
      const outcome = await registry.prompt(name, args, asked(readOptions, actor, server));
      return guarded({ name, server, signal }, outcome, MESSAGES);
    },
    decided: (approvalId, wait) => waitForDecision(options.state, approvalId, wait),
    runs: options.runs,
  };
}

/** Whoever answers is another process: what it wrote is looked for. */
const LOOK_EVERY_MS = 250;

async function waitForDecision(
  open: () => Promise<State>,
  id: string,
  { signal, withinMs, onWait }: ApprovalWait,
): Promise<boolean> {
  const state = await open();
  const started = performance.now();
  for (;;) {
    if (approvalOf(state, id)?.state !== 'pending') return true;
    const waitedMs = performance.now() - started;
    if (waitedMs >= withinMs || signal.aborted) return false;
    onWait?.(waitedMs);
    // An abort ends the wait, and with it the loop.
    await delay(Math.min(LOOK_EVERY_MS, withinMs - waitedMs), undefined, { signal }).catch(() => undefined);
  }
}

interface Guarded {
  readonly name: string;
  readonly server: string;
  readonly signal: AbortSignal;
}

interface Parts {
  readonly blocks: (result: JsonObject) => readonly Json[];
  readonly rebuilt: (result: JsonObject, blocks: readonly Json[]) => JsonObject;
}

const CONTENTS: Parts = {
  blocks: ({ contents }) => listOf(contents).map((resource) => ({ type: 'resource', resource })),
  rebuilt: (result, blocks) => ({
    ...result,
    contents: blocks.map((block) => (isJsonObject(block) ? (block['resource'] ?? null) : block)),
  }),
};

const MESSAGES: Parts = {
  blocks: ({ messages }) =>
    listOf(messages).map((message) => (isJsonObject(message) ? (message['content'] ?? null) : message)),
  rebuilt: (result, blocks) => ({
    ...result,
    messages: listOf(result['messages']).map((message, index) =>
      isJsonObject(message) ? { ...message, content: blocks[index] ?? null } : message,
    ),
  }),
};

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function guardEntry({ server }: Guarded, event: StoredEventInput): Parameters<LogSink>[0] {
  return { level: 'info', component: 'guard', event: event.type, server, fields: { ...event } };
}
