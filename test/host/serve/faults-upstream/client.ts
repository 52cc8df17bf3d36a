/** One client of the gateway under test, over whichever transport, and another beside it. */
import type { JsonObject } from '../../../../src/json.ts';
import { gatewayWorld, initialize, openWire } from '../../../fixtures/gateway.ts';
import { eventsOf, httpGateway, type HttpSession, openSession } from '../../../fixtures/http-gateway.ts';

type Ask = (id: string, method: string, params?: JsonObject) => Promise<JsonObject>;

export interface FaultClient extends AsyncDisposable {
  readonly gatewayPid: number | undefined;
  /** Of the client that calls bad servers. */
  readonly ask: Ask;
  /** Of another client; over stdio there is one. */
  readonly askBeside: Ask;
}

export async function overStdio(config: JsonObject): Promise<FaultClient> {
  const world = await gatewayWorld(config);
  const wire = openWire(world);
  await initialize(wire);
  return {
    gatewayPid: wire.process.pid,
    ask: (id, method, params) => wire.ask(id, method, params),
    askBeside: (id, method, params) => wire.ask(id, method, params),
    async [Symbol.asyncDispose]() {
      await wire[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

export async function overHttp(config: JsonObject): Promise<FaultClient> {
  const gateway = await httpGateway(config);
  const [one, other] = [await openSession(gateway), await openSession(gateway)];
  return {
    gatewayPid: gateway.process.pid,
    ask: (id, method, params) => answered(one, id, method, params),
    askBeside: (id, method, params) => answered(other, id, method, params),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

async function answered(
  session: HttpSession,
  id: string,
  method: string,
  params: JsonObject | undefined,
): Promise<JsonObject> {
  const response = await session.ask(id, method, params);
  if (response.headers.get('content-type')?.startsWith('application/json') === true)
    return (await response.json()) as JsonObject;
  for await (const { message } of eventsOf(response)) if (message?.['id'] === id) return message;
  throw new Error(`No answer to ${id}.`);
}
