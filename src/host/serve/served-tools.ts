/** The tools of all servers and what the host has itself, as a client lists and calls them. */
import { byName, type Named } from '../../by-name.ts';
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import type { ToolDefinition } from '../../registry/contract.ts';
import type { RunHandle, RunOutcome } from '../engine/engine.ts';
import type { ToolCallResult } from '../context.ts';
import { RESULT_TOOL_DEFINITIONS } from '../result/result-tools.ts';
import { HOST_SERVER } from '../tool-call/host-tool.ts';
import { AskedInVain } from './asked-in-vain.ts';
import { actorOf, type ClientRequest } from './client-request.ts';
import { legacyTool, legacyToolResult } from './legacy-schema.ts';
import { withoutServerInfo } from './modern-result.ts';
import { byPlace, type Listed, pageOf } from './page.ts';
import { ERROR, type Era, ProtocolError } from './protocol.ts';
import type { ServedRuns } from './run/served-runs.ts';
import type { Served } from './served-host.ts';
import { toolResultWithShownUris, toolWithShownUris } from './shown-uris.ts';
import { viewNames } from './view-names.ts';

export class ServedTools {
  readonly #served: Served;
  readonly #runs: ServedRuns;
  readonly #approvalWaitMs: number;
  #lists: ToolTable | undefined;

  constructor(served: Served, runs: ServedRuns, approvalWaitMs: number) {
    this.#served = served;
    this.#runs = runs;
    this.#approvalWaitMs = approvalWaitMs;
  }

  list({ params, client }: ClientRequest): JsonObject {
    const { definitions, nextCursor } = pageOf(this.#table()[client.era], params['cursor']);
    return { tools: definitions, ...(nextCursor === undefined ? {} : { nextCursor }) };
  }

  inputSchemaOf(name: string): JsonObject | undefined {
    const schema = this.#table().names.get(name)?.definition.inputSchema;
    return isJsonObject(schema) ? schema : undefined;
  }

  async call(request: ClientRequest): Promise<JsonObject> {
    const { name: called, args } = callOf(request.params);
    const name = this.#table().viewNames.get(called) ?? called;
    const ofRun = this.#runs.call(name, args, request);
    if (ofRun !== undefined) return ofRun;
    const { client, signal, meta, onProgress, input } = request;
    const host = await this.#served.open();
    const vain = new AskedInVain();
    const begin = (): RunHandle<ToolCallResult & Json> =>
      host.call(name, args, {
        actor: actorOf(client),
        signal,
        forClient: true,
        ...(Object.keys(meta).length === 0 ? {} : { meta }),
        ...(input === undefined ? {} : { caller: vain.noting(input) }),
      });
    const first = await outcomeOf(begin(), onProgress);
    const outcome = (await this.#allowedMeanwhile(first, request))
      ? await outcomeOf(begin(), onProgress)
      : first;
    if (client.era === 'modern' && outcome.type === 'done' && outcome.output.isError) vain.throwIfAny();
    const entry = this.#table().names.get(name);
    const server = entry?.server ?? HOST_SERVER;
    const answered = resultOf(outcome);
    const result =
      server === HOST_SERVER
        ? answered
        : toolResultWithShownUris(answered, (uri) => this.#served.registry.shownUri(server, uri));
    return client.era === 'legacy' ? legacyToolResult(result, entry?.definition.outputSchema) : result;
  }

  /**
   * A client whose person cannot be asked waits a while for one who answers elsewhere. Nothing runs by itself later: the
   * same call is to be sent again then.
   */
  async #allowedMeanwhile(
    outcome: RunOutcome<ToolCallResult & Json>,
    { signal, onProgress }: ClientRequest,
  ): Promise<boolean> {
    const waitsFor = outcome.type === 'done' ? outcome.output.waitsFor : undefined;
    if (waitsFor === undefined) return false;
    const withinMs = this.#approvalWaitMs;
    const message = `It waits for a person: switchyard approvals approve ${waitsFor}`;
    let told = -1;
    const onWait = (waitedMs: number): void => {
      const second = Math.floor(waitedMs / 1_000);
      if (second <= told) return;
      told = second;
      // Below what the server may tell once it has the call: progress only grows.
      onProgress?.({ progress: second / 1_000, message });
    };
    const { clients } = await this.#served.open();
    return clients.decided(waitsFor, { signal, withinMs, onWait });
  }

  #table(): ToolTable {
    const { revision, tools } = this.#served.registry.catalog();
    const own = this.#runs.definitions;
    if (this.#lists?.revision !== revision || this.#lists.own !== own) {
      const entries = [
        ...tools,
        ...[...RESULT_TOOL_DEFINITIONS, ...own].map((definition) => ({
          name: definition.name,
          server: HOST_SERVER,
          definition,
        })),
      ];
      const shown = (server: string) => (uri: string) => this.#served.registry.shownUri(server, uri);
      const named = entries.map(({ name, server, definition }) => ({
        server,
        key: definition.name,
        definition: toolWithShownUris({ ...definition, name }, shown(server)),
      }));
      const listed = named.sort(byPlace);
      this.#lists = {
        revision,
        own,
        names: byName(entries),
        viewNames: viewNames(entries),
        modern: listed,
        legacy: listed.map((entry) => ({ ...entry, definition: legacyTool(entry.definition) })),
      };
    }
    return this.#lists;
  }
}

/** Definitions are untouched but for the name, a view's URI, and what the era cannot carry. */
interface ToolTable extends Readonly<Record<Era, readonly Listed[]>> {
  readonly revision: string;
  /** The tools of the agent and of workflows that are among them. */
  readonly own: readonly ToolDefinition[];
  readonly names: ReadonlyMap<string, NamedTool>;
  readonly viewNames: ReadonlyMap<string, string>;
}

interface NamedTool extends Named {
  readonly server: string;
  readonly definition: ToolDefinition;
}

function callOf(params: JsonObject): { readonly name: string; readonly args: JsonObject } {
  const { name, arguments: args = {} } = params;
  if (typeof name !== 'string')
    throw new ProtocolError(ERROR.invalidParams, 'The name of a tool is missing.');
  if (!isJsonObject(args))
    throw new ProtocolError(ERROR.invalidParams, `The arguments of ${name} must be an object.`);
  return { name, args };
}

/** Progress is followed until the run has ended, so that none is told after its result. */
async function outcomeOf(
  handle: RunHandle<ToolCallResult & Json>,
  onProgress: ClientRequest['onProgress'],
): Promise<RunOutcome<ToolCallResult & Json>> {
  if (onProgress === undefined) return handle.result;
  for await (const event of handle.events()) {
    if (event.type !== 'tool-call-progress') continue;
    const { progress, total, message } = event;
    onProgress({
      progress,
      ...(total === undefined ? {} : { total }),
      ...(message === undefined ? {} : { message }),
    });
  }
  return handle.result;
}

function resultOf(outcome: RunOutcome<ToolCallResult & Json>): JsonObject {
  switch (outcome.type) {
    case 'done':
      return toolResult(outcome.output);
    case 'failed':
      return errorResult(outcome.error.message);
    case 'stopped':
    case 'cancelled':
    case 'suspended':
      return errorResult(outcome.message);
    default:
      return outcome satisfies never;
  }
}

function toolResult(called: ToolCallResult): JsonObject {
  const { result, isError, content, message, protocolError, outcome } = called;
  if (outcome === 'unknown-tool') throw new ProtocolError(ERROR.invalidParams, message ?? '');
  if (protocolError !== undefined)
    throw new ProtocolError(protocolError.code, message ?? '', protocolError.data);
  if (result !== undefined) return withoutServerInfo(result);
  const texts = content.flatMap((part) => (part.type === 'text' ? [{ type: 'text', text: part.text }] : []));
  return { content: texts, ...(isError ? { isError } : {}) };
}

function errorResult(message: string): JsonObject {
  return { content: [{ type: 'text', text: message }], isError: true };
}
