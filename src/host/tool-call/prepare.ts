import { type JsonObject, jsonText } from '../../json.ts';
import type { ToolEntry, ServerStatus } from '../../registry/contract.ts';
import type { StepContext, ToolCallRequest } from '../context.ts';
import type { StoredEventInput, ToolCallOutcomeType } from '../event.ts';
import type { Guards } from '../guard/verdict.ts';
import type { Expanded } from './expand-handles.ts';
import { HOST_SERVER } from './host-tool.ts';
import {
  type ApprovalDecision,
  type ApprovalDue,
  type ApprovalPolicy,
  READ_ONLY,
  type ToolTraits,
} from './policy.ts';
import { loadValidator } from './load-validator.ts';
import { unknownTool } from './unknown-tool.ts';

/** What `prepare` found out, as it is journaled. */
export type Prepared = Ready | Refused | Asking;

export type Ready = {
  readonly type: 'ready';
  readonly server: string;
  /** Read-only by annotations that the config trusts: it needs no claim and may run beside others. */
  readonly readOnly: boolean;
  readonly idempotent: boolean;
  /** What is sent, which is not what was asked for where a person changed it. */
  readonly arguments: JsonObject;
  readonly approval?: ApprovalDecision;
  readonly schemaProblem?: string;
};

export type Refused = {
  readonly type: 'refused';
  readonly server: string;
  readonly outcome: ToolCallOutcomeType;
  readonly message: string;
  readonly approval?: ApprovalDecision;
  /** With the outcome `waiting`: the id of the approval. */
  readonly waitsFor?: string;
};

/** A person is to decide first. */
export type Asking = Omit<Ready, 'type' | 'approval'> & {
  readonly type: 'ask';
  readonly prefixedName?: string;
  readonly ownName: string;
  readonly title: string;
  readonly traits: ToolTraits;
  /** Why it is asked. */
  readonly reason?: string;
  /** A guard wants it asked, whatever rules say. */
  readonly asksFor?: { readonly guard: string; readonly reason: string };
  /** It was sent and its outcome is unknown: it may be allowed as it was sent, each time anew, and not beforehand. */
  readonly again?: true;
};

export interface PrepareOptions {
  readonly find: (name: string) => ToolEntry | undefined;
  readonly names: () => readonly string[];
  /** Servers of which nothing is known, and which may have the tool. */
  readonly unlisted: (name: string) => readonly ServerStatus[];
  readonly policy: ApprovalPolicy;
  readonly guards: Guards;
  readonly actor: string;
  readonly sessionId?: string;
  /** Puts stored results in the place of their handles, for everything that looks at the arguments. */
  readonly expandHandles: (args: JsonObject) => Promise<Expanded>;
}

/** Known? Valid by its schema? Allowed? Each refusal says to the model what would be right. */
export async function prepare(
  request: ToolCallRequest,
  step: StepContext,
  options: PrepareOptions,
): Promise<Prepared> {
  const entry = options.find(request.name);
  if (!entry)
    return {
      type: 'refused',
      server: '',
      outcome: 'unknown-tool',
      message: unknownTool(request.name, options.names(), options.unlisted(request.name)),
    };
  const refuse = (outcome: ToolCallOutcomeType, message: string) => ({
    type: 'refused' as const,
    server: entry.server,
    outcome,
    message,
  });

  const asked = request.arguments;
  if (!asked)
    return refuse(
      'invalid-arguments',
      `The arguments of ${request.name} are not a JSON object: ${head(request.invalidArguments ?? '')}. Send the call again with one.`,
    );
  const expansion: Expanded =
    entry.server === HOST_SERVER
      ? { type: 'expanded', arguments: asked }
      : await options.expandHandles(asked);
  if (expansion.type === 'refused') return refuse('invalid-arguments', expansion.message);
  const whole = expansion.arguments;
  const { validateArguments } = await loadValidator();
  const validation = validateArguments(entry.definition.inputSchema, whole);
  if (validation.type === 'invalid') {
    return refuse(
      'invalid-arguments',
      `The arguments of ${request.name} do not fit its schema. ${validation.problems.join('; ')}.`,
    );
  }

  const { readOnly, idempotent } = traits(entry);
  const call = { callId: request.callId, name: entry.name, server: entry.server, readOnly };
  const decision = await options.guards.toolCall({ ...call, arguments: whole }, step);
  if (decision.type === 'deny') return refuse('denied', `${request.name} was not run: ${decision.reason}.`);
  const args = decision.value;
  const approval = await settle(entry, args, {
    ...options,
    ...(decision.type === 'ask' ? { mustAsk: `${decision.question} (${decision.reason})` } : {}),
    ...(request.approvedBy === undefined ? {} : { approvedBy: request.approvedBy }),
    signal: step.signal,
  });
  if (approval.decision === 'denied') return { ...refuse('denied', deniedText(request, approval)), approval };
  const prepared = {
    server: entry.server,
    readOnly,
    idempotent,
    // Handles stay handles in the journal and in events; a text that somebody changed has none any more.
    arguments: args === whole ? asked : args,
    ...(validation.type === 'no-schema' ? { schemaProblem: validation.reason } : {}),
  };
  if (approval.decision === 'ask') {
    const { name: ownName } = entry.definition;
    return {
      type: 'ask',
      ...prepared,
      ...prefixedNameOf(entry),
      ownName,
      title: titleOf(entry),
      traits: traits(entry),
      ...(approval.reason === undefined ? {} : { reason: approval.reason }),
      ...(decision.type === 'ask' ? { asksFor: { guard: decision.guard, reason: decision.reason } } : {}),
    };
  }
  if (decision.type === 'ask') step.emit(allowedVerdict(request, decision));
  return { type: 'ready', ...prepared, ...(approval.by === READ_ONLY ? {} : { approval }) };
}

/** What a guard asked about was allowed by a person. */
export function allowedVerdict(
  { callId }: Pick<ToolCallRequest, 'callId'>,
  { guard, reason }: { readonly guard: string; readonly reason: string },
): Extract<StoredEventInput, { type: 'verdict' }> {
  return { type: 'verdict', stage: 'tool-call', guard, verdict: 'allow', reason, callId };
}

/** For the model. */
export function deniedText(
  { name }: Pick<ToolCallRequest, 'name'>,
  { reason = 'it was denied' }: Pick<ApprovalDecision, 'reason'>,
): string {
  // A reason that a person wrote may end as a sentence does.
  return `${name} was not run: ${reason.replace(/\.$/, '')}. Go on without it, or say what you would have done.`;
}

interface SettleOptions extends Pick<PrepareOptions, 'policy' | 'actor' | 'sessionId'> {
  /** Why it is to be put to a person, whatever rules say: what a guard answered with `ask`. */
  readonly mustAsk?: string;
  readonly approvedBy?: string;
  readonly signal: AbortSignal;
}

/** What of one call needs no person. */
function settle(
  entry: ToolEntry,
  args: JsonObject,
  { policy, actor, sessionId, mustAsk, approvedBy, signal }: SettleOptions,
): Promise<ApprovalDecision | ApprovalDue> {
  // The host's own tools read what the run has anyway; rules are about servers.
  if (entry.server === HOST_SERVER && mustAsk === undefined)
    return Promise.resolve({ decision: 'allowed', by: READ_ONLY });
  return policy.settle({
    name: entry.name,
    server: entry.server,
    ...prefixedNameOf(entry),
    ownName: entry.definition.name,
    title: titleOf(entry),
    traits: traits(entry),
    arguments: args,
    actor,
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(mustAsk === undefined ? {} : { mustAsk }),
    ...(approvedBy === undefined ? { mayWait: true } : { approvedBy }),
    signal,
  });
}

export function prefixedNameOf({ prefixedName }: ToolEntry): Pick<ToolEntry, 'prefixedName'> {
  return prefixedName === undefined ? {} : { prefixedName };
}

/** Of the tool, of its annotations where it is from an older server (spec: schema, "BaseMetadata"), else its name. */
function titleOf({ name, definition }: ToolEntry): string {
  return jsonText(definition['title'] ?? definition.annotations?.title) || name;
}

/**
 * What a tool's annotations say, believed only where the config trusts its server; what they leave out is what the
 * protocol takes for granted (spec: server/tools, annotations).
 */
export function traits(entry: ToolEntry): ToolTraits {
  const annotations = entry.annotationsTrusted ? entry.definition.annotations : undefined;
  const readOnly = annotations?.readOnlyHint === true;
  return {
    readOnly,
    destructive: !readOnly && annotations?.destructiveHint !== false,
    idempotent: readOnly || annotations?.idempotentHint === true,
    openWorld: annotations?.openWorldHint !== false,
  };
}

function head(text: string): string {
  return text.length <= 200
    ? JSON.stringify(text)
    : `${JSON.stringify(text.slice(0, 200))} … (${text.length} characters)`;
}
