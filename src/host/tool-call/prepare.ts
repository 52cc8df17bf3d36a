import { closest } from 'fastest-levenshtein';

import type { JsonObject } from '../../json.ts';
import type { ToolEntry } from '../../registry/contract.ts';
import type { StepContext, ToolCallRequest } from '../context.ts';
import type { ToolCallOutcomeType } from '../event.ts';
import type { Guards } from '../guard/verdict.ts';
import type { ApprovalDecision, ApprovalPolicy } from './policy.ts';

/** What `prepare` found out, as it is journaled. */
export type Prepared =
  | {
      readonly type: 'ready';
      readonly server: string;
      /** Read-only by annotations that the config trusts: it needs no claim and may run beside others. */
      readonly readOnly: boolean;
      readonly idempotent: boolean;
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
}

/** Kept, because even a loaded module is looked up anew by every `import()`. */
let validator: Promise<typeof import('./validate.ts')> | undefined;

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
  const refuse = (outcome: ToolCallOutcomeType, message: string): Prepared => ({
    type: 'refused',
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
  validator ??= import('./validate.ts');
  const { validateArguments } = await validator;
  const validation = validateArguments(entry.definition.inputSchema, asked);
  if (validation.type === 'invalid') {
    return refuse(
      'invalid-arguments',
      `The arguments of ${request.name} do not fit its schema. ${validation.problems.join('; ')}.`,
    );
  }

  const { readOnly, idempotent } = traits(entry);
  const decision = await options.guards.toolCall(
    { callId: request.callId, name: entry.name, server: entry.server, readOnly, arguments: asked },
    step,
  );
  if (decision.type === 'deny') return refuse('denied', `${request.name} was not run: ${decision.reason}.`);
  const args = decision.value;
  const ready = {
    type: 'ready' as const,
    server: entry.server,
    readOnly,
    idempotent,
    arguments: args,
    ...(validation.type === 'no-schema' ? { schemaProblem: validation.reason } : {}),
  };
  if (readOnly && decision.type === 'allow') return ready;
  const approval = await options.policy.decide({
    name: entry.name,
    server: entry.server,
    title: entry.definition.annotations?.title ?? entry.name,
    destructive: entry.definition.annotations?.destructiveHint !== false,
    arguments: args,
    ...(decision.type === 'ask' ? { reason: `${decision.question} (${decision.reason})` } : {}),
    signal: step.signal,
  });
  if (approval.decision === 'allowed') {
    if (decision.type === 'ask') tellAllowed(step, request.callId, decision);
    return { ...ready, approval };
  }
  return {
    type: 'refused',
    server: entry.server,
    outcome: 'denied',
    message: `${request.name} was not run: ${approval.reason ?? 'it was denied'}. Go on without it, or say what you would have done.`,
    approval,
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

/** What a tool's annotations say, believed only where the config trusts its server (spec: server/tools, annotations). */
export function traits(entry: ToolEntry): { readonly readOnly: boolean; readonly idempotent: boolean } {
  const annotations = entry.annotationsTrusted ? entry.definition.annotations : undefined;
  const readOnly = annotations?.readOnlyHint === true;
  return { readOnly, idempotent: readOnly || annotations?.idempotentHint === true };
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
