/** The host's agent and its workflows for clients: their tools, and their runs as resources. */
import { isDeepStrictEqual } from 'node:util';

import { isJsonObject, type JsonObject, jsonText } from '../../../json.ts';
import { HostError } from '../../../errors.ts';
import type { ToolDefinition } from '../../../registry/contract.ts';
import type { BudgetLimits } from '../../context.ts';
import { depthOf, MAX_AGENTS } from '../../tool-call/agent-depth.ts';
import { ASK, RUN_CANCEL, RUN_WAIT } from '../../tool-call/run-tool-names.ts';
import { loadValidator } from '../../tool-call/load-validator.ts';
import { actorOf, type ClientRequest } from '../client-request.ts';
import type { Served, ServedHost } from '../served-host.ts';
import type { Subscription } from '../served-resources.ts';
import { Detachment } from './detachment.ts';
import { runFacts, runResult } from './run-answer.ts';
import { lineOf } from './run-line.ts';
import { RUN_TOOL_DEFINITIONS } from './run-tools.ts';
import { runIdOf } from './run-uri.ts';
import type { WorkflowTool } from './workflow-tools.ts';
import { type WaitOptions, waitForRun } from './wait-for-run.ts';

export class ServedRuns {
  readonly #served: Pick<Served, 'open'>;
  readonly #waiting = new Set<Detachment>();
  #workflows: readonly WorkflowTool[] = [];
  #definitions = RUN_TOOL_DEFINITIONS;

  constructor(served: Pick<Served, 'open'>) {
    this.#served = served;
  }

  /** Another array whenever it differs. */
  get definitions(): readonly ToolDefinition[] {
    return this.#definitions;
  }

  /** Takes these in place of the workflows that it had. Returns whether clients see a difference. */
  offer(workflows: readonly WorkflowTool[]): boolean {
    this.#workflows = workflows;
    const definitions = [...RUN_TOOL_DEFINITIONS, ...workflows.map(({ definition }) => definition)];
    if (isDeepStrictEqual(this.#definitions, definitions)) return false;
    this.#definitions = definitions;
    return true;
  }

  /** Whoever waits is told at once how its run stands: this server ends. */
  detach(): void {
    for (const detachment of this.#waiting) detachment.now();
  }

  /** Undefined where the tool is none of these. Expected failures are results with `isError`. */
  call(name: string, args: JsonObject, request: ClientRequest): Promise<JsonObject> | undefined {
    const definition = this.#definitions.find((one) => one.name === name);
    return definition && this.#checked(definition, args, request);
  }

  /** Of a URI of a run. Rejects with HostError `unknown-run`. */
  async read(uri: string, { client }: ClientRequest): Promise<JsonObject> {
    const { runs } = (await this.#served.open()).clients;
    const [runId, actor] = [runIdOf(uri) ?? '', actorOf(client)];
    const view = await runs.look(runId, actor);
    const events = await runs.story(runId, actor);
    const told = events.flatMap((event) => {
      const line = lineOf(event);
      return line === undefined ? [] : [{ at: new Date(event.at).toISOString(), text: line }];
    });
    const { request, createdMs, updatedMs } = view;
    const begun = new Date(createdMs).toISOString();
    const about = { request, begun, changed: new Date(updatedMs).toISOString() };
    const text = JSON.stringify({ ...runFacts(view, events), ...about, events: told }, null, 2);
    return { contents: [{ uri, mimeType: 'application/json', text }] };
  }

  /** Yields when a run has ended, waits for a person, or has had its answer. Rejects with HostError `unknown-run`. */
  async *changes(
    uri: string,
    { client, signal, onOpened }: Subscription,
  ): AsyncGenerator<{ readonly uri: string }, void, void> {
    const { runs } = (await this.#served.open()).clients;
    const [runId, actor] = [runIdOf(uri) ?? '', actorOf(client)];
    const { lastEvent } = await runs.look(runId, actor);
    onOpened?.();
    for await (const event of runs.follow(runId, actor, signal))
      if ('number' in event && event.number > lastEvent && TOLD.has(event.type)) yield { uri };
  }

  async #checked(
    { name, inputSchema }: ToolDefinition,
    args: JsonObject,
    request: ClientRequest,
  ): Promise<JsonObject> {
    const startedMs = performance.now();
    const validation = (await loadValidator()).validateArguments(inputSchema, args);
    if (validation.type === 'invalid')
      return failure(`The arguments of ${name} do not fit its schema. ${validation.problems.join('; ')}.`);
    try {
      const host = await this.#served.open();
      if (name === ASK) return await this.#ask(args, request, { host, startedMs });
      if (name === RUN_CANCEL) return await this.#cancel(args, request, host);
      if (name === RUN_WAIT) return await this.#wait(args, request, { host, startedMs });
      const workflow = this.#workflows.find(({ definition }) => definition.name === name);
      if (workflow === undefined) return failure(`The workflow of ${name} has just gone.`);
      return await this.#run(workflow, args, request, { host, startedMs });
    } catch (error) {
      if (error instanceof HostError) return failure(error.message);
      throw error;
    }
  }

  #ask(args: JsonObject, request: ClientRequest, opened: Opened): Promise<JsonObject> {
    const { model, sessionId, limits } = args;
    return this.#begun(request, opened, (actor, depth) =>
      opened.host.clients.runs.ask(jsonText(args['request']), {
        actor,
        ...(typeof model === 'string' ? { model } : {}),
        ...(typeof sessionId === 'string' ? { sessionId } : {}),
        limits: { ...(isJsonObject(limits) ? limits : {}), ...depth },
      }),
    );
  }

  #run(tool: WorkflowTool, args: JsonObject, request: ClientRequest, opened: Opened): Promise<JsonObject> {
    const { workflow, definition, inputOf } = tool;
    return this.#begun(request, opened, (actor, depth) =>
      opened.host.clients.runs.run(workflow, inputOf(args), { actor, tool: definition.name, limits: depth }),
    );
  }

  /** Begins a run and waits for it as long as its client may be kept waiting. */
  async #begun(
    request: ClientRequest,
    { host, startedMs }: Opened,
    begin: (actor: string, depth: BudgetLimits) => Promise<string>,
  ): Promise<JsonObject> {
    const depth = depthOf(request.meta);
    if (depth === undefined)
      return failure(
        `${MAX_AGENTS} agents stand one behind the other already, each asked by the one before it through ${ASK} or a workflow; this one would be one more. Give the agent that asks the tools themselves.`,
      );
    // What was taken back before it began does not begin.
    request.signal.throwIfAborted();
    const runId = await begin(actorOf(request.client), depth);
    const { detachAfterMs } = host.config.serve;
    const how = { newsFrom: 1, untilUndecided: true, withinMs: detachAfterMs, startedMs };
    return this.#answer(runId, host, request, how);
  }

  async #wait(args: JsonObject, request: ClientRequest, { host, startedMs }: Opened): Promise<JsonObject> {
    const [runId, timeoutMs] = [jsonText(args['runId']), args['timeoutMs']];
    const { detachAfterMs } = host.config.serve;
    const withinMs = Math.min(detachAfterMs, typeof timeoutMs === 'number' ? timeoutMs : detachAfterMs);
    const { lastEvent: newsFrom } = await host.clients.runs.look(runId, actorOf(request.client));
    return this.#answer(runId, host, request, { newsFrom, untilUndecided: false, withinMs, startedMs });
  }

  async #answer(
    runId: string,
    { clients: { runs } }: ServedHost,
    request: ClientRequest,
    { withinMs, startedMs, ...how }: Waiting,
  ): Promise<JsonObject> {
    const actor = actorOf(request.client);
    using detachment = new Detachment(request.signal, withinMs, startedMs);
    this.#waiting.add(detachment);
    try {
      const view = await waitForRun(runId, { runs, actor, request, detachment, ...how });
      return runResult(view, await runs.story(runId, actor), request.client);
    } finally {
      this.#waiting.delete(detachment);
    }
  }

  async #cancel(args: JsonObject, { client }: ClientRequest, host: ServedHost): Promise<JsonObject> {
    const runId = jsonText(args['runId']);
    await host.clients.runs.cancel(runId, actorOf(client));
    return { content: [{ type: 'text', text: `Run ${runId} is cancelled.` }] };
  }
}

interface Opened {
  readonly host: ServedHost;
  /** Of the monotonic clock: when the request came. */
  readonly startedMs: number;
}

interface Waiting extends Pick<WaitOptions, 'newsFrom' | 'untilUndecided'> {
  readonly withinMs: number;
  /** Of the monotonic clock. */
  readonly startedMs: number;
}

const TOLD: ReadonlySet<string> = new Set([
  'approval-request',
  'approval',
  'question',
  'question-answered',
  'run-end',
]);

function failure(message: string): JsonObject {
  return { content: [{ type: 'text', text: message }], isError: true };
}
