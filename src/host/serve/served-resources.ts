/** The resources and templates of all servers, and stored results by their handle. */
import { type JsonObject, jsonText } from '../../json.ts';
import type { ClientKey, ResourceChange } from '../../registry/contract.ts';
import { HOST_SERVER } from '../tool-call/host-tool.ts';
import { actorOf, type ClientFacts, type ClientRequest } from './client-request.ts';
import { withoutServerInfo } from './modern-result.ts';
import { readOptions, resultOf } from './operation.ts';
import { byPlace, type Listed, pageOf } from './page.ts';
import { ERROR, ProtocolError } from './protocol.ts';
import { RUNS_TEMPLATE, runIdOf } from './run/run-uri.ts';
import type { ServedRuns } from './run/served-runs.ts';
import type { Served } from './served-host.ts';
import { contentsWithShownUris } from './shown-uris.ts';

/** Handles are given in results and are listed nowhere. */
const RESULTS_TEMPLATE: JsonObject = {
  uriTemplate: 'switchyard://results/{id}',
  name: 'stored_result',
  title: 'A stored result',
  description: 'The whole of a tool result that was cut, under the URI that stands in it.',
};

const OWN_URIS = 'switchyard://';
const NOT_FOUND: ReadonlySet<string> = new Set(['unknown-resource', 'unknown-result']);

export class ServedResources {
  readonly #served: Served;
  readonly #runs: ServedRuns;

  constructor(served: Served, runs: ServedRuns) {
    this.#served = served;
    this.#runs = runs;
  }

  list({ params }: ClientRequest): JsonObject {
    const { resources } = this.#served.registry.catalog();
    const listed = resources.map(({ uri, server, definition }) => ({
      server,
      key: jsonText(definition['uri']),
      definition: { ...definition, uri },
    }));
    return page('resources', listed, params);
  }

  listTemplates({ params }: ClientRequest): JsonObject {
    const { resourceTemplates } = this.#served.registry.catalog();
    const listed = resourceTemplates.map(({ uriTemplate, server, definition }) => ({
      server,
      key: jsonText(definition['uriTemplate']),
      definition: { ...definition, uriTemplate },
    }));
    const own = [
      { server: HOST_SERVER, key: 'results', definition: RESULTS_TEMPLATE },
      { server: HOST_SERVER, key: 'runs', definition: RUNS_TEMPLATE },
    ];
    return page('resourceTemplates', [...listed, ...own], params);
  }

  /** Whether anybody is known to have it, or nobody that could be asked. */
  knows({ uri }: JsonObject): boolean {
    return (
      typeof uri !== 'string' || uri.startsWith(OWN_URIS) || this.#served.registry.ownerOf(uri) !== undefined
    );
  }

  async read(request: ClientRequest): Promise<JsonObject> {
    const { params, client } = request;
    const uri = uriOf(params);
    if (runIdOf(uri) !== undefined) return this.#runs.read(uri, request);
    const { clients } = await this.#served.open();
    const outcome = await clients.read(uri, actorOf(client), readOptions(request));
    // The modern era wants the URI said again (spec: server/resources, error handling).
    if (outcome.type === 'tool-error' && NOT_FOUND.has(outcome.code))
      throw new ProtocolError(ERROR.resourceNotFound, outcome.message, { uri });
    const result = withoutServerInfo(resultOf(outcome));
    const owner = this.#served.registry.ownerOf(uri);
    if (owner === undefined) return result;
    return contentsWithShownUris(result, (inner) =>
      inner === owner.uri ? uri : this.#served.registry.shownUri(owner.server, inner),
    );
  }

  /** See Registry.subscribe. */
  subscribe(uri: string, subscription: Subscription): AsyncIterable<ResourceChange> {
    const { key, signal, onOpened } = subscription;
    return runIdOf(uri) === undefined
      ? this.#served.registry.subscribe(uri, signal, {
          client: key,
          ...(onOpened === undefined ? {} : { onOpened }),
        })
      : this.#runs.changes(uri, subscription);
  }
}

export interface Subscription {
  readonly client: ClientFacts;
  readonly key: ClientKey;
  readonly signal: AbortSignal;
  /** Called when it is watched. */
  readonly onOpened?: () => void;
}

export function uriOf({ uri }: JsonObject): string {
  if (typeof uri !== 'string') throw new ProtocolError(ERROR.invalidParams, 'The URI is missing.');
  return uri;
}

function page(key: string, listed: readonly Listed[], { cursor }: JsonObject): JsonObject {
  const { definitions, nextCursor } = pageOf([...listed].sort(byPlace), cursor);
  return { [key]: definitions, ...(nextCursor === undefined ? {} : { nextCursor }) };
}
