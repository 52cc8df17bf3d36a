/** One request to a server: claimed where it does more than read, sent once. */
import { createHash } from 'node:crypto';

import type { JsonObject } from '../../json.ts';
import type { CallOutcome, ClientKey, Registry, ToolEntry } from '../../registry/contract.ts';
import type { StepContext } from '../context.ts';
import type { ResultStore } from '../result/contract.ts';
import type { CallClaim } from './called.ts';
import { type EffectSettings, idempotencyMeta } from './effect-settings.ts';
import type { Execution } from './execute.ts';
import { expandHandles } from './expand-handles.ts';
import type { InputAnswerer } from './input.ts';

export interface CallServerOptions {
  readonly registry: Pick<Registry, 'call'>;
  readonly results: ResultStore;
  readonly effects: EffectSettings;
  readonly find: (name: string) => ToolEntry | undefined;
  /**
   * Waits for the servers' tools where this one is not among those of the moment: the tools of a run that goes on in another
   * host stand in its journal, and nobody has waited for them here.
   */
  readonly known: (name: string, step: StepContext) => Promise<void>;
}

export type Sent = {
  readonly outcome: CallOutcome;
  /** Whether the request was handed to the transport. */
  readonly left: boolean;
  readonly idempotencyKey?: string;
};

/** Whose call it is, and who answers what the server asks. */
export interface Asked {
  readonly answerer: InputAnswerer;
  readonly client: ClientKey;
  /** What may be asked; without it anything. */
  readonly clientCapabilities?: JsonObject;
  readonly asksForUrls?: boolean;
}

/** Rejects where it could not be claimed: then nothing was sent. */
export async function callServer(
  { request, prepared, access, sending }: Execution,
  { answerer, ...asked }: Asked,
  step: StepContext,
  { registry, results, effects, find, known }: CallServerOptions,
): Promise<Sent> {
  const { readOnly } = prepared;
  if (find(request.name) === undefined) await known(request.name, step);
  // What was to be sent with a key and has not got one any more is not sent.
  const meta = readOnly ? undefined : idempotencyMeta(find(request.name), effects);
  if (meta === undefined && sending.onlyWithKey === true) return { outcome: NO_KEY, left: false };
  // The handles are replaced here and not in what was prepared: a journal keeps the handles.
  const expanded = await expandHandles(prepared.arguments, results, access);
  if (expanded.type === 'refused')
    return {
      outcome: { type: 'tool-error', code: 'invalid-arguments', message: expanded.message },
      left: false,
    };
  const idempotencyKey =
    meta === undefined ? undefined : (sending.repeats?.idempotencyKey ?? step.idempotencyKey);
  let left = false;
  const outcome = await registry.call(request.name, expanded.arguments, {
    signal:
      request.withinMs === undefined
        ? step.signal
        : AbortSignal.any([step.signal, AbortSignal.timeout(request.withinMs)]),
    ...(request.timeoutMs === undefined ? {} : { timeoutMs: request.timeoutMs }),
    ...metaOf(request.meta, meta, idempotencyKey),
    ...sending.answers,
    onSend: () => {
      if (!readOnly) step.claim(claimOf({ request, prepared, sending }, idempotencyKey));
      left = true;
    },
    onProgress: (progress) => step.emit({ type: 'tool-call-progress', callId: request.callId, ...progress }),
    ...asked,
    onInput: (question) => answerer.answer(question, step),
    inputRounds: 'caller',
  });
  // A connection that could not be made, or written to, has carried nothing.
  if (outcome.type === 'tool-error' && outcome.code === 'server-unavailable') left = false;
  return { outcome, left, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) };
}

function metaOf(
  sent: JsonObject | undefined,
  keyName: string | undefined,
  idempotencyKey: string | undefined,
): { readonly meta?: JsonObject } {
  if (keyName === undefined || idempotencyKey === undefined) return sent === undefined ? {} : { meta: sent };
  return { meta: { ...sent, [keyName]: idempotencyKey } };
}

const NO_KEY: CallOutcome = {
  type: 'tool-error',
  code: 'no-idempotency-key',
  message: 'The tool does not take idempotency keys any more. Nothing was sent.',
};

function claimOf(
  { request, prepared, sending }: Pick<Execution, 'request' | 'prepared' | 'sending'>,
  idempotencyKey: string | undefined,
): CallClaim {
  return {
    name: request.name,
    server: prepared.server,
    idempotent: prepared.idempotent,
    argumentsHash: hashOf(prepared.arguments),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    claimedAtMs: Date.now(),
    attempt: sending.attempt,
    round: sending.round,
  };
}

function hashOf(args: JsonObject): string {
  return createHash('sha256').update(JSON.stringify(args)).digest('hex');
}
