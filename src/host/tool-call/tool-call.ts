/** prepare → execute → finalize: the one path of every tool call, and the only caller of `registry.call`. */
import { byName } from '../../by-name.ts';
import { collectGarbage } from '../../collect-garbage.ts';
import type { JsonObject } from '../../json.ts';
import type { Registry, ToolEntry } from '../../registry/contract.ts';
import type {
  RunContext,
  ToolCallRequest,
  ToolCallResult,
  ToolHandle,
  ToolSummary,
  StepContext,
} from '../context.ts';
import type { ResultAccess } from '../result/contract.ts';
import { withDepth } from './agent-depth.ts';
import { askApproval } from './approval.ts';
import { type Expanded, expandHandles } from './expand-handles.ts';
import { FIRST_SENDING, type Finished } from './called.ts';
import { execute, type ExecuteOptions } from './execute.ts';
import { failed } from './finalize.ts';
import { goOn } from './go-on.ts';
import { HOST_SERVER, type HostTool } from './host-tool.ts';
import { keepAll } from './keep-result.ts';
import { prepare, type Ready, type Refused, traits } from './prepare.ts';
import type { ApprovalPolicy } from './policy.ts';
import { createToolLists, type ToolListStore } from './tool-lists.ts';
import type { WaitingApprovals } from './waiting-approvals.ts';

export interface ToolCallOptions extends Omit<ExecuteOptions, 'find' | 'known'> {
  readonly registry: Pick<Registry, 'catalog' | 'call' | 'ready' | 'unlisted'>;
  readonly policy: ApprovalPolicy;
  readonly approvals: WaitingApprovals;
  readonly hostTools: readonly HostTool[];
  readonly toolLists: ToolListStore;
}

/** How long a call waits for a server that failed before. */
const AGAIN_MS = 3_000;
/** How long a client's call waits for a server that has not told yet what it has. */
const CLIENT_MS = 10_000;

/** Of an answer so large, what was not kept is collected before the run goes on beside it. */
const HUGE_ANSWER_BYTES = 16_000_000;

export function createToolHandle(options: ToolCallOptions): ToolHandle {
  const hostTools = new Map(options.hostTools.map((tool) => [tool.name, tool]));
  const find = entryFinder(options.registry, hostTools);
  const list = createToolLists({ registry: options.registry, store: options.toolLists, summaryOf });
  const known = async (
    name: string,
    { signal }: StepContext,
    withinMs = Number.POSITIVE_INFINITY,
  ): Promise<void> => {
    if (find(name) !== undefined) return;
    const unlisted = options.registry.unlisted(name);
    if (unlisted.length === 0) return;
    // One that has failed is given a moment to have come back.
    const failed = unlisted.every(({ reason }) => reason !== undefined);
    const limitMs = failed ? AGAIN_MS : withinMs;
    await options.registry.ready({
      servers: unlisted.map((server) => server.name),
      signal: Number.isFinite(limitMs) ? AbortSignal.any([signal, AbortSignal.timeout(limitMs)]) : signal,
    });
  };
  const executing = { ...options, find, known };

  return {
    list,

    async call(context, request) {
      const access = accessOf(context);
      const server = find(request.name)?.server ?? '';
      const expand = (args: JsonObject): Promise<Expanded> => expandHandles(args, options.results, access);
      const first = await context.step('prepare', async (step) => {
        await known(request.name, step, request.forClient === true ? CLIENT_MS : undefined);
        return prepare(request, step, {
          find,
          unlisted: (name) => options.registry.unlisted(name),
          names: () => options.registry.catalog().tools.map((tool) => tool.name),
          policy: options.policy,
          guards: options.guards,
          expandHandles: expand,
          ...access,
        });
      });
      const prepared =
        first.type === 'ask'
          ? await askApproval(context, request, first, { ...options, find, expandHandles: expand })
          : first;
      // What has no place in the budget is not told as begun.
      if (prepared.type === 'ready') await context.reserve({ toolCalls: 1 });
      announce(context, request, prepared, server);
      if (prepared.type === 'refused') {
        const { waitsFor } = prepared;
        const refused = failed(request, prepared.outcome, prepared.message);
        const result = waitsFor === undefined ? refused : { ...refused, waitsFor };
        tellEnd(context, prepared.server, {
          type: 'finished',
          result,
          durationMs: 0,
          sizeBytes: 0,
          storedBytes: 0,
          sampled: [],
        });
        return result;
      }
      const execution = {
        request: withDepth(request, context.budget.limits),
        prepared,
        hostTool: hostTools.get(request.name),
        access,
        sending: FIRST_SENDING,
      };
      const journaled = context.isJournaled;
      const called = await context.step('call', (step) => execute(execution, step, executing));
      const finished =
        called.type === 'finished'
          ? called
          : await goOn(context, execution, called, { ...executing, expandHandles: expand, journaled });
      if (finished.storedBytes > HUGE_ANSWER_BYTES) collectGarbage();
      for (const { usage, costUsd } of finished.sampled)
        await context.budget.spendUnforeseen({ usage, costUsd }, { journaled });
      tellEnd(context, prepared.server, finished);
      return finished.result;
    },

    keep: (context, requests) =>
      context.step('keep', (step) => keepAll(options.results, requests, accessOf(context), step)),
  };
}

function summaryOf(entry: ToolEntry): ToolSummary {
  const { readOnly, idempotent } = traits(entry);
  return {
    name: entry.name,
    ...(entry.prefixedName === undefined ? {} : { prefixedName: entry.prefixedName }),
    server: entry.server,
    description: entry.definition.description ?? entry.definition.annotations?.title ?? '',
    inputSchema: entry.definition.inputSchema,
    readOnly,
    idempotent,
  };
}

/** Looks entries up by name over the catalog of the moment, indexed once per revision. */
function entryFinder(
  registry: Pick<Registry, 'catalog'>,
  hostTools: ReadonlyMap<string, HostTool>,
): (name: string) => ToolEntry | undefined {
  let revision: string | undefined;
  let table: ReadonlyMap<string, ToolEntry> = new Map();
  const hostEntries = new Map(
    [...hostTools.values()].map(({ name, definition }) => [
      name,
      { name, server: HOST_SERVER, definition, annotationsTrusted: true },
    ]),
  );
  return (name) => {
    const catalog = registry.catalog();
    if (catalog.revision !== revision) {
      revision = catalog.revision;
      table = byName(catalog.tools);
    }
    return hostEntries.get(name) ?? table.get(name);
  };
}

function announce(
  context: RunContext,
  request: ToolCallRequest,
  prepared: Ready | Refused,
  server: string,
): void {
  const { callId, name } = request;
  context.emit({
    type: 'tool-call-start',
    callId,
    name,
    server: prepared.server || server,
    arguments: prepared.type === 'ready' ? prepared.arguments : (request.arguments ?? {}),
  });
  if (prepared.approval) {
    context.emit({
      type: 'approval',
      callId,
      name,
      decision: prepared.approval.decision,
      by: prepared.approval.by,
      ...(prepared.approval.arguments === undefined ? {} : { edited: true }),
    });
  }
  if (prepared.type === 'ready' && prepared.schemaProblem !== undefined) {
    const message = `The input schema of ${name} is no JSON Schema (${prepared.schemaProblem}); its arguments were sent unchecked.`;
    context.emit({ type: 'notice', level: 'warn', code: 'schema-broken', message });
  }
}

/** Whose results a run may read, and with what they end. */
export function accessOf({ run: { id: runId, actor, sessionId } }: RunContext): ResultAccess {
  return { actor, runId, ...(sessionId === undefined ? {} : { sessionId }) };
}

function textOf(result: ToolCallResult): string {
  return result.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}

export function tellEnd(context: RunContext, server: string, finished: Finished): void {
  const { callId, name, outcome, message } = finished.result;
  context.emit({
    type: 'tool-call-end',
    callId,
    name,
    server,
    outcome,
    sizeBytes: finished.sizeBytes,
    ...(finished.sizeBytes === 0 ? {} : { text: textOf(finished.result) }),
    durationMs: finished.durationMs,
    ...(message === undefined ? {} : { error: { code: outcome, message } }),
  });
}
