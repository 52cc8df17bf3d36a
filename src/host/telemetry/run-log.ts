/** A reader of run events that writes the run's story into the log: what happened, how large, how long, at what cost. */
import { messageOf } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { LogEntry, LogSink } from '../../registry/contract.ts';
import type { RunEvent, StoredEvent } from '../event.ts';

/** Reads a run's events to their end. Never rejects. */
export function runEventLogger(log: LogSink): (events: AsyncIterable<RunEvent>) => Promise<void> {
  return async (events) => {
    try {
      for await (const event of events) {
        const entry = runLogEntry(event);
        if (entry !== undefined) log(entry);
      }
    } catch (error) {
      log({
        level: 'error',
        component: 'log',
        event: 'run-log-failed',
        fields: { message: messageOf(error) },
      });
    }
  };
}

/** The line of one event; undefined for deltas, which are not stored. */
function runLogEntry(event: RunEvent): LogEntry | undefined {
  if (!('number' in event)) return undefined;
  const all = told(event);
  const { level = 'info', server, step } = all;
  const fields: { [key: string]: Json } = { number: event.number };
  if (event.path !== '') fields['path'] = event.path;
  for (const [key, value] of Object.entries(all))
    if (value !== undefined && !OWN_FIELDS.has(key)) fields[key] = value;
  const entry = { level, component: 'run', event: event.type, run: event.runId, fields };
  if (step !== undefined) Object.assign(entry, { step });
  return server === undefined ? entry : { ...entry, server };
}

/** Of an entry itself, and not among its fields. */
const OWN_FIELDS = new Set(['level', 'server', 'step']);

type Told = {
  readonly level?: LogEntry['level'];
  readonly server?: string;
  readonly step?: string;
} & { readonly [key: string]: Json | undefined };

function told(event: StoredEvent): Told {
  switch (event.type) {
    case 'run-start':
      return {
        workflow: event.workflow,
        input: event.input,
        inputBytes: bytes(event.input),
        budget: event.budget,
      };
    case 'run-resume':
      return { reason: event.reason, budget: event.budget, changed: event.changed };
    case 'run-end':
      return {
        level: event.outcome === 'failed' ? 'error' : event.outcome === 'done' ? 'info' : 'warn',
        outcome: event.outcome,
        outputBytes: event.output === undefined ? 0 : bytes(event.output),
        totals: event.totals,
        durationMs: event.durationMs,
        error: event.error,
      };
    case 'step-restart': {
      const { step, attempt, reason, failure, delayMs } = event;
      return { level: 'warn', step, attempt, reason, failure, delayMs };
    }
    case 'branch-start':
      return { workflow: event.workflow };
    case 'branch-end':
      return {
        level: event.outcome === 'failed' ? 'warn' : 'info',
        outcome: event.outcome,
        outputBytes: event.output === undefined ? 0 : bytes(event.output),
        error: event.error,
      };
    case 'route': {
      const { by, chosen, taken, confidence, reason } = event;
      return { by, chosen, taken, confidence, reason };
    }
    case 'model-route': {
      const { alias, model, instead, complexity, candidates } = event;
      return { alias, model, instead, complexity, candidates };
    }
    case 'model-escalate': {
      const { step, from, to, check, reason, usage, costUsd } = event;
      return { step, from, to, check, reason, usage, costUsd };
    }
    case 'handoff':
      return { from: event.from, to: event.to, reason: event.reason };
    case 'plan':
      return {
        tasks: event.tasks.map(({ id, worker, dependsOn }) => ({ id, worker, dependsOn })),
        problems: event.problems,
      };
    case 'turn-start':
      return { turn: event.turn, model: event.model, toolCount: event.toolCount };
    case 'turn-end':
      return { level: 'debug', turn: event.turn, toolCalls: event.toolCalls };
    case 'model-start':
      return { level: 'debug', step: event.step, model: event.model };
    case 'model-end': {
      const { step, model, stopReason, usage, costUsd, durationMs } = event;
      return { step, model, stopReason, usage, costUsd, durationMs, message: messageSummary(event.message) };
    }
    case 'model-error':
      return { level: 'warn', step: event.step, failure: event.failure };
    case 'tool-call-start':
      return {
        server: event.server,
        name: event.name,
        callId: event.callId,
        arguments: event.arguments,
        argumentBytes: Object.fromEntries(
          Object.entries(event.arguments).map(([name, value]) => [name, bytes(value)]),
        ),
      };
    case 'tool-call-progress': {
      const { callId, progress, total, message } = event;
      return { level: 'debug', callId, progress, total, message };
    }
    case 'tool-call-end': {
      const { server, name, callId, outcome, sizeBytes, durationMs, error } = event;
      return {
        level: outcome === 'complete' ? 'info' : 'warn',
        server,
        name,
        callId,
        outcome,
        sizeBytes,
        durationMs,
        error,
      };
    }
    case 'result-stored': {
      const { callId, name, uri, mimeType, sizeBytes, characters, lines } = event;
      return { callId, name, uri, mimeType, sizeBytes, characters, lines };
    }
    case 'context-reduced':
      return { by: event.by, tokensBefore: event.tokensBefore, tokensAfter: event.tokensAfter };
    case 'verdict': {
      const { stage, guard, verdict, reason, callId } = event;
      return { level: verdict === 'deny' ? 'warn' : 'info', stage, guard, verdict, reason, callId };
    }
    case 'recall':
      return { count: event.count, memories: event.memories };
    case 'remember': {
      const { turns, remembered, updated, forgotten } = event;
      return { turns, remembered, updated, forgotten };
    }
    case 'tools-found':
      return { query: event.query, names: event.names };
    case 'approval-request': {
      const { callId, name, server, id, expiresMs } = event;
      return { callId, name, server, approval: id, expiresMs };
    }
    case 'approval':
      return {
        callId: event.callId,
        name: event.name,
        decision: event.decision,
        by: event.by,
        edited: event.edited,
      };
    case 'question':
      return { signal: event.signal, messageBytes: bytes(event.message) };
    case 'question-answered':
      return { signal: event.signal, action: event.action };
    case 'input-request':
      return { server: event.server, method: event.method, paramsBytes: bytes(event.params) };
    case 'input-response':
      return { server: event.server, method: event.method, action: event.action };
    case 'limit-reached':
      return { level: 'warn', limit: event.limit, message: event.message };
    case 'quote':
      return {
        quotes: event.quotes.map(({ text, source, line }) =>
          defined({ source, line, characters: text.length }),
        ),
      };
    case 'text':
      return { origin: event.origin, characters: event.text.length };
    case 'notice':
      return { level: event.level, code: event.code, message: event.message, data: event.data };
    default:
      return event satisfies never;
  }
}

function messageSummary(message: Extract<StoredEvent, { type: 'model-end' }>['message']): JsonObject {
  const characters = { text: 0, thinking: 0 };
  const toolCalls: string[] = [];
  for (const part of message.content) {
    if (part.type === 'tool-call') toolCalls.push(part.name);
    else characters[part.type] += part.text.length;
  }
  return { textCharacters: characters.text, thinkingCharacters: characters.thinking, toolCalls };
}

/** As JSON, in UTF-8. */
function bytes(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function defined(fields: { readonly [key: string]: Json | undefined }): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
