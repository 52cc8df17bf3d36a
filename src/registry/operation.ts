/** The operations of the registry on one server: connect it, send once, read the answer. */
import { HostError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { beforeAbort } from './before-abort.ts';
import { outcomeOf } from './call-outcome.ts';
import { urlNotOpened, urlQuestions } from './url-required.ts';
import type { Connection } from './connection.ts';
import type { CallOptions, CallOutcome, Completion, CompletionArgument, ToolEntry } from './contract.ts';
import { answerInputRounds } from './input-rounds.ts';
import type { ManagedServer } from './managed-server.ts';
import type { SchemaChecker } from './schema-check.ts';

/** Sends a tool call once and checks the structured part of its result against the tool's output schema. */
export async function callTool(
  server: ManagedServer,
  entry: ToolEntry,
  args: JsonObject,
  options: CallOptions,
  schemas: () => Promise<SchemaChecker>,
): Promise<CallOutcome> {
  const { name, inputSchema, outputSchema } = entry.definition;
  const outcome = await operate(server, options, async (connection) => ({
    method: 'tools/call',
    params: { name, arguments: args },
    headers: await headersFor(connection, inputSchema, args),
  }));
  if (outcome.type !== 'complete' || outputSchema === undefined) return outcome;
  const { structuredContent } = outcome.result;
  const verdict = (await schemas()).check(outputSchema, structuredContent);
  if (verdict.type !== 'violation') return outcome;
  const what =
    structuredContent === undefined ? 'has no structured content' : `does not fit: ${verdict.message}`;
  return {
    type: 'tool-error',
    code: 'invalid-structured-content',
    message: `'${server.definition.name}' promised an output schema for '${name}', but its result ${what}. The call was made.`,
    result: outcome.result,
  };
}

export function readResource(server: ManagedServer, uri: string, options: CallOptions): Promise<CallOutcome> {
  return operate(server, options, () => ({ method: 'resources/read', params: { uri } }));
}

export function getPrompt(
  server: ManagedServer,
  name: string,
  args: Readonly<Record<string, string>>,
  options: CallOptions,
): Promise<CallOutcome> {
  return operate(server, options, () => ({
    method: 'prompts/get',
    params: { name, arguments: { ...args } },
  }));
}

/** Rejects with a HostError: a completion has no outcome to carry a failure. */
export async function completeArgument(
  server: ManagedServer,
  reference: JsonObject,
  argument: CompletionArgument,
  options: CallOptions,
): Promise<Completion> {
  const { name, value, context } = argument;
  const outcome = await operate(server, options, () => ({
    method: 'completion/complete',
    params: {
      ref: reference,
      argument: { name, value },
      ...(context !== undefined && { context: { arguments: { ...context } } }),
    },
  }));
  if (outcome.type !== 'complete') {
    const { message } =
      outcome.type === 'input-required' ? { message: 'It asked for input instead.' } : outcome;
    throw new HostError('completion-failed', `'${server.definition.name}' gave no completion. ${message}`);
  }
  return asCompletion(outcome.result['completion']);
}

interface Request {
  readonly method: string;
  readonly params: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}

type MakeRequest = (connection: Connection) => Request | Promise<Request>;

/** Once; and on the next connection where the one that there was had ended before anything of it was sent. */
async function operate(
  server: ManagedServer,
  options: CallOptions,
  request: MakeRequest,
): Promise<CallOutcome> {
  const { onSend, ...untold } = options;
  let isTold = false;
  const telling = (tell: () => void): CallOptions =>
    onSend === undefined ? untold : { ...untold, onSend: tell };
  const tell = (): void => {
    onSend?.();
    isTold = true;
  };
  const { outcome, connection } = await operateOnce(server, telling(tell), request);
  if (connection === undefined || !isUnavailable(outcome) || !(await hasEnded(connection, options.signal)))
    return outcome;
  // What was announced is what is sent now.
  const tellOthers = (): void => {
    if (isTold) isTold = false;
    else onSend?.();
  };
  return (await operateOnce(server, telling(tellOthers), request)).outcome;
}

function isUnavailable(outcome: CallOutcome): boolean {
  return outcome.type === 'tool-error' && outcome.code === 'server-unavailable';
}

/** That a process has died may be noticed a moment after its pipe has broken. */
async function hasEnded(
  { kind, ended }: Connection,
  signal = new AbortController().signal,
): Promise<boolean> {
  if (kind !== 'stdio') return false;
  const patience = AbortSignal.any([signal, AbortSignal.timeout(NOTICED_WITHIN_MS)]);
  const isOver = await beforeAbort(
    ended.then(() => true),
    patience,
  );
  return isOver === true && !signal.aborted;
}

const NOTICED_WITHIN_MS = 1_000;

/** With the connection that it was sent on, or would have been. */
type Operated = { readonly outcome: CallOutcome; readonly connection?: Connection };

async function operateOnce(
  server: ManagedServer,
  options: CallOptions,
  request: MakeRequest,
): Promise<Operated> {
  const { name, timeoutMs } = server.definition;
  const {
    signal = new AbortController().signal,
    client,
    onInput,
    onProgress,
    onSend,
    inputRounds = 'registry',
    meta,
    clientCapabilities,
    asksForUrls = false,
    inputResponses,
    requestState,
  } = options;
  const link = await beforeAbort(server.connect(options.client), signal);
  if (link === undefined) {
    const message = `The call to '${name}' was cancelled before it was sent.`;
    return { outcome: { type: 'tool-error', code: 'cancelled', message } };
  }
  if (!link.ok) {
    const { code, reason } = link;
    const outcome =
      code === undefined
        ? unavailable(name, reason)
        : ({ type: 'tool-error', code, message: reason } as const);
    return { outcome };
  }
  const { connection } = link;
  const { method, params, headers } = await request(connection);
  const level = meta?.[LOG_LEVEL];
  if (typeof level === 'string' && connection.logLevel !== undefined)
    await beforeAbort(connection.logLevel.atLeast(level), signal);
  const send = async (extra: JsonObject): Promise<CallOutcome> => {
    const _meta = metaFor(connection, meta, clientCapabilities);
    const isModern = connection.era === 'modern';
    const refused = isModern ? undefined : urlNotOpened(name, extra['inputResponses']);
    if (refused !== undefined) return refused;
    const whole = { ...params, ...(_meta !== undefined && { _meta }), ...(isModern && extra) };
    const answer = await connection.send(method, whole, {
      timeoutMs: options.timeoutMs ?? timeoutMs,
      signal,
      ...(onProgress !== undefined && { onProgress }),
      ...(onSend !== undefined && { onSend }),
      ...(onInput !== undefined && { onInput }),
      ...(client !== undefined && { client }),
      ...(headers !== undefined && { headers }),
    });
    if (answer.type === 'refused' && answer.code === 'server-unavailable')
      return unavailable(name, answer.message);
    // Its message names the server itself.
    if (answer.type === 'refused' && isLoginCode(answer.code))
      return { type: 'tool-error', code: answer.code, message: answer.message };
    return (asksForUrls ? urlQuestions(answer) : undefined) ?? outcomeOf(name, answer);
  };
  const first = await send({
    ...(inputResponses !== undefined && { inputResponses }),
    ...(requestState !== undefined && { requestState }),
  });
  if (first.type !== 'input-required' || onInput === undefined || inputRounds === 'caller')
    return { outcome: first, connection };
  return { outcome: await answerInputRounds(first, { server: name, onInput, signal, send }) };
}

function isLoginCode(code: string): boolean {
  return code === 'login-required' || code === 'insufficient-scope';
}

/** A level and capabilities for each request are of the modern era; others are told theirs once. */
function metaFor(
  { era }: Connection,
  meta: JsonObject | undefined,
  clientCapabilities: JsonObject | undefined,
): JsonObject | undefined {
  if (era === 'modern')
    return clientCapabilities === undefined ? meta : { ...meta, [CLIENT_CAPABILITIES]: clientCapabilities };
  if (meta === undefined || !(LOG_LEVEL in meta)) return meta;
  const { [LOG_LEVEL]: _, ...rest } = meta;
  return rest;
}

const CLIENT_CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';
const LOG_LEVEL = 'io.modelcontextprotocol/logLevel';

function unavailable(name: string, reason: string): CallOutcome {
  return {
    type: 'tool-error',
    code: 'server-unavailable',
    message:
      `Server '${name}' is not available: ${reason} Nothing was sent. ` +
      'Its stderr is in the log under its name; the other servers go on.',
  };
}

async function headersFor(
  connection: Connection,
  inputSchema: JsonObject,
  args: JsonObject,
): Promise<Readonly<Record<string, string>>> {
  if (connection.kind === 'stdio' || connection.era !== 'modern') return {};
  const { mirroredHeaders } = await import('../wire/x-mcp-header.ts');
  return mirroredHeaders(inputSchema, args);
}

function asCompletion(completion: Json | undefined): Completion {
  const { values, total, hasMore } = (completion ?? {}) as {
    values?: unknown;
    total?: unknown;
    hasMore?: unknown;
  };
  return {
    values: Array.isArray(values) ? values.filter((value) => typeof value === 'string') : [],
    ...(typeof total === 'number' && { total }),
    ...(typeof hasMore === 'boolean' && { hasMore }),
  };
}
