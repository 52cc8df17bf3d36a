/** The tools of all servers and what the host has itself, as a client lists and calls them. */
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import type { ToolDefinition } from '../../registry/contract.ts';
import type { Host } from '../contract.ts';
import type { RunHandle, RunOutcome } from '../engine/engine.ts';
import type { ToolCallResult } from '../context.ts';
import { RESULT_TOOL_DEFINITIONS } from '../result/result-tools.ts';
import { HOST_SERVER } from '../tool-call/host-tool.ts';
import { actorOf, type ClientRequest } from './client-request.ts';
import { legacyTool, legacyToolResult } from './legacy-schema.ts';
import { withoutServerInfo } from './modern-result.ts';
import { byPlace, type Listed, pageOf } from './page.ts';
import { ERROR, type Era, ProtocolError } from './protocol.ts';
import { toolResultWithShownUris, toolWithShownUris } from './shown-uris.ts';

export class ServedTools {
  readonly #host: Pick<Host, 'registry' | 'call'>;
  #lists: ToolTable | undefined;

  constructor(host: Pick<Host, 'registry' | 'call'>) {
    this.#host = host;
  }

  list({ params, client }: ClientRequest): JsonObject {
    const { definitions, nextCursor } = pageOf(this.#table()[client.era], params['cursor']);
    return { tools: definitions, ...(nextCursor === undefined ? {} : { nextCursor }) };
  }

  async call(request: ClientRequest): Promise<JsonObject> {
    const { name, args } = callOf(request.params);
    const { client, signal, meta, onProgress, input } = request;
    const table = this.#table();
    if (!table.names.has(name)) await this.#unknown(name);
    const handle = this.#host.call(name, args, {
      actor: actorOf(client),
      signal,
      forClient: true,
      ...(Object.keys(meta).length === 0 ? {} : { meta }),
      ...(input === undefined ? {} : { caller: input }),
    });
    if (onProgress !== undefined) await followProgress(handle, onProgress);
    const entry = table.names.get(name);
    const server = entry?.server ?? HOST_SERVER;
    const answered = resultOf(await handle.result);
    const result =
      server === HOST_SERVER
        ? answered
        : toolResultWithShownUris(answered, (uri) => this.#host.registry.shownUri(server, uri));
    return client.era === 'legacy' ? legacyToolResult(result, entry?.definition.outputSchema) : result;
  }

  /** A server that was never asked may have it; whoever calls without listing has not waited for that. */
  async #unknown(name: string): Promise<void> {
    const { registry } = this.#host;
    await registry.ready();
    if (this.#table().names.has(name)) return;
    const outcome = await registry.call(name, {}, {});
    const message = outcome.type === 'tool-error' ? outcome.message : `There is no tool '${name}'.`;
    throw new ProtocolError(ERROR.invalidParams, `Unknown tool: ${name}. ${message}`);
  }

  #table(): ToolTable {
    const { revision, tools } = this.#host.registry.catalog();
    if (this.#lists?.revision !== revision) {
      const entries = [
        ...tools,
        ...RESULT_TOOL_DEFINITIONS.map((definition) => ({
          name: definition.name,
          server: HOST_SERVER,
          definition,
        })),
      ];
      const shown = (server: string) => (uri: string) => this.#host.registry.shownUri(server, uri);
      const named = entries.map(({ name, server, definition }) => ({
        server,
        key: definition.name,
        definition: toolWithShownUris({ ...definition, name }, shown(server)),
      }));
      const listed = named.sort(byPlace);
      this.#lists = {
        revision,
        names: new Map(entries.map((entry) => [entry.name, entry])),
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
  readonly names: ReadonlyMap<string, NamedTool>;
}

interface NamedTool {
  readonly name: string;
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

/** Until the run has ended, so that no progress is told after its result. */
async function followProgress(
  handle: RunHandle,
  onProgress: NonNullable<ClientRequest['onProgress']>,
): Promise<void> {
  for await (const event of handle.events()) {
    if (event.type !== 'tool-call-progress') continue;
    const { progress, total, message } = event;
    onProgress({
      progress,
      ...(total === undefined ? {} : { total }),
      ...(message === undefined ? {} : { message }),
    });
  }
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

function toolResult({ result, isError, content, message, protocolError }: ToolCallResult): JsonObject {
  if (protocolError !== undefined)
    throw new ProtocolError(protocolError.code, message ?? '', protocolError.data);
  if (result !== undefined) return withoutServerInfo(result);
  const texts = content.flatMap((part) => (part.type === 'text' ? [{ type: 'text', text: part.text }] : []));
  return { content: texts, ...(isError ? { isError } : {}) };
}

function errorResult(message: string): JsonObject {
  return { content: [{ type: 'text', text: message }], isError: true };
}
