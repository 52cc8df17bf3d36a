/** The prompts of all servers, and completion of their arguments and of those of resource templates. */
import { isCalled } from '../../by-name.ts';
import { isJsonObject, type Json, type JsonObject, jsonText } from '../../json.ts';
import type { CompletionReference } from '../../registry/contract.ts';
import { actorOf, type ClientRequest } from './client-request.ts';
import { withoutServerInfo } from './modern-result.ts';
import { readOptions, resultOf } from './operation.ts';
import { byPlace, pageOf } from './page.ts';
import { ERROR, ProtocolError } from './protocol.ts';
import type { Served } from './served-host.ts';
import { promptWithShownUris } from './shown-uris.ts';

export class ServedPrompts {
  readonly #served: Served;

  constructor(served: Served) {
    this.#served = served;
  }

  list({ params }: ClientRequest): JsonObject {
    const listed = this.#served.registry.catalog().prompts.map(({ name, server, definition }) => ({
      server,
      key: jsonText(definition['name']),
      definition: { ...definition, name },
    }));
    const { definitions, nextCursor } = pageOf([...listed].sort(byPlace), params['cursor']);
    return { prompts: definitions, ...(nextCursor === undefined ? {} : { nextCursor }) };
  }

  /** Whether anybody is known to have the prompt, or the template, that it is about. */
  knows({ name, ref }: JsonObject): boolean {
    const { prompts, resourceTemplates } = this.#served.registry.catalog();
    const { name: prompt = name, uri } = isJsonObject(ref) ? ref : {};
    if (typeof prompt === 'string') return prompts.some((entry) => isCalled(entry, prompt));
    return typeof uri !== 'string' || resourceTemplates.some(({ uriTemplate }) => uriTemplate === uri);
  }

  async get(request: ClientRequest): Promise<JsonObject> {
    const { name, arguments: args = {} } = request.params;
    if (typeof name !== 'string')
      throw new ProtocolError(ERROR.invalidParams, 'The name of a prompt is missing.');
    const { registry } = this.#served;
    const { clients } = await this.#served.open();
    const outcome = await clients.prompt(name, textsOf(args), actorOf(request.client), readOptions(request));
    const result = withoutServerInfo(resultOf(outcome));
    const server = registry.catalog().prompts.find((entry) => isCalled(entry, name))?.server;
    if (server === undefined) return result;
    return promptWithShownUris(result, (uri) => registry.shownUri(server, uri));
  }

  async complete(request: ClientRequest): Promise<JsonObject> {
    const { ref, argument, context } = request.params;
    const { name, value } = isJsonObject(argument) ? argument : {};
    if (typeof name !== 'string' || typeof value !== 'string')
      throw new ProtocolError(ERROR.invalidParams, 'The argument to complete is missing.');
    const given = isJsonObject(context) ? context['arguments'] : undefined;
    const completion = await this.#served.registry.complete(
      referenceOf(ref),
      { name, value, ...(given === undefined ? {} : { context: textsOf(given) }) },
      readOptions(request),
    );
    const { guards } = await this.#served.open();
    return guards.redact({ completion: { ...completion } });
  }
}

function referenceOf(ref: Json | undefined): CompletionReference {
  if (isJsonObject(ref)) {
    const { type, name, uri } = ref;
    if (type === 'ref/prompt' && typeof name === 'string') return { type: 'prompt', name };
    if (type === 'ref/resource' && typeof uri === 'string') return { type: 'resource', uriTemplate: uri };
  }
  throw new ProtocolError(
    ERROR.invalidParams,
    'What to complete is neither a prompt nor a resource template.',
  );
}

/** Arguments of prompts are texts (spec: server/prompts). */
function textsOf(args: Json): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const [key, value] of Object.entries(isJsonObject(args) ? args : {})) {
    if (typeof value !== 'string')
      throw new ProtocolError(ERROR.invalidParams, `The argument ${key} must be a text.`);
    texts[key] = value;
  }
  return texts;
}
