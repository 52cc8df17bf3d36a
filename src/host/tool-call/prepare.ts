import { closest } from 'fastest-levenshtein';

import { type JsonObject, jsonText } from '../../json.ts';
import type { ToolEntry } from '../../registry/contract.ts';
import type { StepContext, ToolCallRequest } from '../context.ts';
import type { ToolCallOutcomeType } from '../event.ts';
import type { GuardDecision, Guards } from '../guard/verdict.ts';
import type { Expanded } from './expand-handles.ts';
import { HOST_SERVER } from './host-tool.ts';
import { type ApprovalDecision, type ApprovalPolicy, READ_ONLY, type ToolTraits } from './policy.ts';

/** What `prepare` found out, as it is journaled. */
export type Prepared =
  | {
      readonly type: 'ready';
      readonly server: string;
      /** Read-only by annotations that the config trusts: it needs no claim and may run beside others. */
      readonly readOnly: boolean;
      readonly idempotent: boolean;
      /** What is sent, which is not what was asked for where a person changed it. */
      readonly arguments: JsonObject;
      readonly approval?: ApprovalDecision;
      readonly schemaProblem?: string;
    }
  | {
      readonly type: 'refused';
      readonly server: string;
      readonly outcome: ToolCallOutcomeType;
      readonly message: string;
      readonly approval?: ApprovalDecision;
    };

export interface PrepareOptions {
  readonly find: (name: string) => ToolEntry | undefined;
  readonly names: () => readonly string[];
  readonly policy: ApprovalPolicy;
  readonly guards: Guards;
  /** Puts stored results in the place of their handles, for everything that looks at the arguments. */
  readonly expandHandles: (args: JsonObject) => Promise<Expanded>;
}

/** Kept, because even a loaded module is looked up anew by every `import()`. */
let loadedValidator: Promise<typeof import('./validate.ts')> | undefined;

function validator(): Promise<typeof import('./validate.ts')> {
  loadedValidator ??= import('./validate.ts');
  return loadedValidator;
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
      message: unknownTool(request.name, options.names()),
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
  const { validateArguments } = await validator();
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
  const approval = await askApproval(entry, args, {
    policy: options.policy,
    ...(decision.type === 'ask' ? { mustAsk: `${decision.question} (${decision.reason})` } : {}),
    ...(request.approvedBy === undefined ? {} : { approvedBy: request.approvedBy }),
    guard: (edited) => options.guards.toolCall({ ...call, arguments: edited }, step),
    signal: step.signal,
  });
  if (approval.decision === 'denied') {
    return {
      ...refuse(
        'denied',
        `${request.name} was not run: ${approval.reason ?? 'it was denied'}. Go on without it, or say what you would have done.`,
      ),
      approval,
    };
  }
  if (decision.type === 'ask') tellAllowed(step, request.callId, decision);
  return {
    type: 'ready',
    server: entry.server,
    readOnly,
    idempotent,
    // Handles stay handles in the journal and in events; a text that somebody changed has none any more.
    arguments: approval.arguments ?? (args === whole ? asked : args),
    ...(approval.by === READ_ONLY ? {} : { approval }),
    ...(validation.type === 'no-schema' ? { schemaProblem: validation.reason } : {}),
  };
}

/** What a guard asked about was allowed by a person. */
function tellAllowed(
  step: StepContext,
  callId: string,
  { guard, reason }: { readonly guard: string; readonly reason: string },
): void {
  step.emit({ type: 'verdict', stage: 'tool-call', guard, verdict: 'allow', reason, callId });
}

interface AskApprovalOptions {
  readonly policy: ApprovalPolicy;
  /** Why it is to be put to a person, whatever rules say: what a guard answered with `ask`. */
  readonly mustAsk?: string;
  readonly approvedBy?: string;
  /** What guards say to arguments that a person made; that they want it asked is answered by the person's making it. */
  readonly guard: (edited: JsonObject) => Promise<GuardDecision<JsonObject>>;
  readonly signal: AbortSignal;
}

/** Puts one call to the policy; arguments that a person makes are checked as those of a model are. */
function askApproval(
  entry: ToolEntry,
  args: JsonObject,
  { policy, mustAsk, approvedBy, guard, signal }: AskApprovalOptions,
): Promise<ApprovalDecision> {
  const { inputSchema, name: ownName } = entry.definition;
  // The host's own tools read what the run has anyway; rules are about servers.
  if (entry.server === HOST_SERVER && mustAsk === undefined)
    return Promise.resolve({ decision: 'allowed', by: READ_ONLY });
  return policy.decide({
    name: entry.name,
    server: entry.server,
    ownName,
    title: titleOf(entry),
    traits: traits(entry),
    arguments: args,
    ...(mustAsk === undefined ? {} : { mustAsk }),
    ...(approvedBy === undefined ? {} : { approvedBy }),
    check: async (edited) => {
      const validation = (await validator()).validateArguments(inputSchema, edited);
      if (validation.type === 'invalid') return { type: 'unusable', problem: validation.problems.join('; ') };
      const guarded = await guard(edited);
      return guarded.type === 'deny'
        ? { type: 'unusable', problem: guarded.reason }
        : { type: 'usable', arguments: guarded.value };
    },
    signal,
  });
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

function unknownTool(name: string, names: readonly string[]): string {
  if (names.length === 0) return `There is no tool "${name}": no server offers any tool.`;
  const shown = names.length <= 20 ? ` Known: ${names.join(', ')}.` : '';
  return `There is no tool "${name}". The nearest is "${closest(name, [...names])}".${shown}`;
}

function head(text: string): string {
  return text.length <= 200
    ? JSON.stringify(text)
    : `${JSON.stringify(text.slice(0, 200))} … (${text.length} characters)`;
}
