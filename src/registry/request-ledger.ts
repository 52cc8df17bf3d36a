/**
 * What is in flight on one connection. It stands between a transport and the SDK's client: it keeps each answer as the
 * server sent it (the SDK's schemas drop unknown fields and refuse a whole page for one odd entry), delivers progress
 * in order, and fails single requests while the connection lives.
 */
import { InFlight } from '../in-flight.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { CallOutcome, Progress } from './contract.ts';
import { classify, type RequestId } from '../wire/message.ts';

export type UncertainCause = Extract<CallOutcome, { type: 'uncertain' }>['cause'];

/** Why a request failed on our side of the wire. A server cannot forge it: it is never parsed from JSON. */
export class LocalFailure extends Error {
  readonly failure: UncertainCause;

  constructor(failure: UncertainCause, message: string) {
    super(message);
    this.name = 'LocalFailure';
    this.failure = failure;
  }
}

/** One request of ours, from before it is sent until its answer. */
export interface RequestRecord {
  readonly progressToken?: string;
  readonly onProgress?: (progress: Progress) => void;
  id?: RequestId;
  sentAtMs?: number;
  /** The transport took the whole message. */
  written?: boolean;
  /** The server's own result object, once it came. */
  result?: JsonObject;
}

interface Sent {
  readonly method: string;
  readonly record: RequestRecord | undefined;
}

/** What the SDK's result schemas accept, delivered in place of the answer that the record keeps. */
const ACCEPTED_BY_SDK: Readonly<Record<string, JsonObject>> = {
  'tools/list': { tools: [], ttlMs: 0, cacheScope: 'private' },
  'prompts/list': { prompts: [], ttlMs: 0, cacheScope: 'private' },
  'resources/list': { resources: [], ttlMs: 0, cacheScope: 'private' },
  'resources/templates/list': { resourceTemplates: [], ttlMs: 0, cacheScope: 'private' },
  'resources/read': { contents: [], ttlMs: 0, cacheScope: 'private' },
  'tools/call': { content: [] },
  'prompts/get': { messages: [] },
  'completion/complete': { completion: { values: [] } },
};

/** The code under which a LocalFailure travels through the SDK; the failure itself is in the error's data. */
const LOCAL_FAILURE_CODE = -32_099;

export interface LedgerEvents {
  /** A response that nobody waits for: its request ended, or the server answered twice. */
  readonly unknownResponse: (id: RequestId | undefined) => void;
}

export class RequestLedger {
  readonly #inFlight = new InFlight<RequestId, Sent>();
  readonly #byProgressToken = new InFlight<string, RequestRecord>();
  readonly #events: LedgerEvents;
  #expected: RequestRecord | undefined;

  constructor(events: LedgerEvents) {
    this.#events = events;
  }

  get pendingIds(): readonly RequestId[] {
    return [...this.#inFlight.keys()];
  }

  /** Runs `send`, which must send exactly one request before it returns, and ties that request to the record. */
  expect<T>(record: RequestRecord, send: () => T): T {
    this.#expected = record;
    try {
      return send();
    } finally {
      this.#expected = undefined;
    }
  }

  /** Called with each outgoing message before it is written. */
  sending(message: unknown): RequestId | undefined {
    const wire = classify(message);
    if (wire?.kind === 'notification' && wire.method === 'notifications/cancelled') {
      const cancelled = wire.params['requestId'];
      if (typeof cancelled === 'string' || typeof cancelled === 'number') this.settle(cancelled);
    }
    if (wire?.kind !== 'request') return undefined;
    const record = this.#expected;
    this.#expected = undefined;
    if (record !== undefined) {
      record.id = wire.id;
      record.sentAtMs = Date.now();
      if (record.progressToken !== undefined) this.#byProgressToken.set(record.progressToken, record);
    }
    this.#inFlight.set(wire.id, { method: wire.method, record });
    return wire.id;
  }

  written(id: RequestId): void {
    const record = this.#inFlight.get(id)?.record;
    if (record !== undefined) record.written = true;
  }

  /** Forgets a request: answered, given up, or never written. */
  settle(id: RequestId): Sent | undefined {
    const entry = this.#inFlight.get(id);
    this.#inFlight.delete(id);
    const token = entry?.record?.progressToken;
    if (token !== undefined) this.#byProgressToken.delete(token);
    return entry;
  }

  /** Takes an incoming message and returns what the SDK may see of it, or undefined where it is ours alone. */
  received(message: unknown): unknown {
    const wire = classify(message);
    switch (wire?.kind) {
      case undefined:
        return undefined;
      case 'request':
        return message;
      case 'notification':
        return wire.method === 'notifications/progress' && this.#progress(wire.params) ? undefined : message;
      case 'error': {
        const entry = wire.id === undefined ? undefined : this.settle(wire.id);
        if (entry !== undefined) return { jsonrpc: '2.0', id: wire.id, error: wire.error };
        this.#events.unknownResponse(wire.id);
        return undefined;
      }
      case 'result':
        return this.#result(wire.id, wire.result, message);
      default:
        return wire satisfies never;
    }
  }

  /** The message that makes the SDK fail this request alone; undefined where it is not in flight. */
  fail(id: RequestId, failure: LocalFailure): unknown {
    if (this.settle(id) === undefined) return undefined;
    return {
      jsonrpc: '2.0',
      id,
      error: { code: LOCAL_FAILURE_CODE, message: failure.message, data: failure },
    };
  }

  #progress(params: JsonObject): boolean {
    const { progressToken } = params;
    const record = typeof progressToken === 'string' ? this.#byProgressToken.get(progressToken) : undefined;
    if (record === undefined) return false;
    const { progress, total, message } = params;
    if (typeof progress === 'number') {
      record.onProgress?.({
        progress,
        ...(typeof total === 'number' && { total }),
        ...(typeof message === 'string' && { message }),
      });
    }
    return true;
  }

  #result(id: RequestId, result: unknown, message: unknown): unknown {
    const entry = this.#inFlight.get(id);
    if (entry === undefined) {
      this.#events.unknownResponse(id);
      return undefined;
    }
    if (!isJsonObject(result)) {
      const shape = result === null ? 'null' : Array.isArray(result) ? 'an array' : `a ${typeof result}`;
      return this.fail(
        id,
        new LocalFailure(
          'invalid-answer',
          `The server answered ${entry.method} with ${shape} where an object is due.`,
        ),
      );
    }
    this.settle(id);
    const accepted = ACCEPTED_BY_SDK[entry.method];
    if (entry.record === undefined || accepted === undefined) return message;
    entry.record.result = result as { readonly [key: string]: Json };
    return { jsonrpc: '2.0', id, result: { ...accepted, resultType: 'complete' } };
  }
}
