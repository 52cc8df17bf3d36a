/** The one socket to which all webhooks of a daemon are sent, and its limits. It is open while there is a webhook. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { WebhooksSettings } from '../../../../config/webhooks-settings.ts';
import { HostError, messageOf, toHostError } from '../../../../errors.ts';
import { listenFault, listenOn } from '../../../../listen-on.ts';
import type { LogSink } from '../../../../registry/contract.ts';
import { type Answer, refusal, send, tryAgain } from './answer.ts';
import type { Hook } from './hook.ts';

export interface ListenerOptions {
  /** Those of the moment; host and port count when the first webhook is opened. */
  readonly settings: () => WebhooksSettings;
  readonly log: LogSink;
  /** How long a sender may take for the head of a request, and for all of it. */
  readonly headersTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
}

const PATH = /^\/hooks\/([^/]+)$/;
/** What waits is in memory. */
const MAX_OPEN = 64;
const MAX_CONNECTIONS = 512;
const CLOSE_MS = 1_000;

export class WebhookListener implements AsyncDisposable {
  readonly #options: ListenerOptions;
  readonly #hooks = new Map<string, Hook>();
  #server: Promise<Server> | undefined;
  #open = 0;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** The URL of the hook. Rejects with HostError where it cannot be listened for. */
  async add(hook: Hook): Promise<string> {
    this.#hooks.set(hook.trigger, hook);
    try {
      this.#server ??= this.#listen();
      const { address, port } = (await this.#server).address() as AddressInfo;
      const host = address.includes(':') ? `[${address}]` : address;
      return `http://${host}:${port}/hooks/${encodeURIComponent(hook.trigger)}`;
    } catch (error) {
      await this.remove(hook);
      throw error;
    }
  }

  /** Resolves when what was under way for the hook is answered. */
  async remove(hook: Hook): Promise<void> {
    if (this.#hooks.get(hook.trigger) === hook) this.#hooks.delete(hook.trigger);
    await hook.close();
    if (this.#hooks.size === 0) await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opening = this.#server;
    this.#server = undefined;
    const hooks = [...this.#hooks.values()];
    this.#hooks.clear();
    await Promise.all(hooks.map((hook) => hook.close()));
    const server = await opening?.catch(() => undefined);
    if (server === undefined) return;
    const closed = once(server, 'close');
    server.close();
    // Answers are still to be written; whoever takes longer is cut off.
    const cutOff = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
    await closed;
    clearTimeout(cutOff);
  }

  async #listen(): Promise<Server> {
    const { settings, log, headersTimeoutMs = 10_000, requestTimeoutMs = 30_000 } = this.#options;
    const { host, port } = settings();
    const server = createServer(
      {
        headersTimeout: headersTimeoutMs,
        requestTimeout: requestTimeoutMs,
        connectionsCheckingInterval: Math.min(5_000, headersTimeoutMs),
      },
      (request, response) => void this.#answer(request, response),
    );
    server.maxConnections = MAX_CONNECTIONS;
    const onError = ({ message }: Error): void =>
      log({ level: 'warn', component: 'trigger', event: 'webhook-listener', fields: { reason: message } });
    try {
      const { address, port: bound } = await listenOn(server, { host, port, onError });
      log({ level: 'info', component: 'trigger', event: 'listening', fields: { address, port: bound } });
    } catch (error) {
      throw refusedToListen(error, host, port);
    }
    return server;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#open += 1;
    try {
      const answer = await this.#answerTo(request);
      if (answer !== undefined) send(response, answer);
    } catch (error) {
      this.#options.log({
        level: 'error',
        component: 'trigger',
        event: 'webhook-failed',
        fields: { reason: messageOf(error) },
      });
      send(response, tryAgain(503, 'The request could not be taken. Send it again.', 30));
    } finally {
      this.#open -= 1;
    }
  }

  async #answerTo(request: IncomingMessage): Promise<Answer | undefined> {
    const [path = '', query = ''] = (request.url ?? '').split(/\?(.*)/s, 2);
    const hook = this.#hooks.get(decoded(PATH.exec(path)?.[1]) ?? '');
    if (hook === undefined) return refusal(404, 'There is no webhook here. They are at /hooks/<trigger>.');
    if (request.method !== 'POST') return refusal(405, 'Webhooks are sent by POST.', { Allow: 'POST' });
    if (this.#open > MAX_OPEN) return tryAgain(503, 'Too many requests are open. Send it again.', 5);
    return hook.answer(request, new URLSearchParams(query));
  }
}

function decoded(name: string | undefined): string | undefined {
  try {
    return name === undefined ? undefined : decodeURIComponent(name);
  } catch {
    // A sequence of percent signs that stands for no text is nobody's name.
    return undefined;
  }
}

function refusedToListen(error: unknown, host: string, port: number): HostError {
  const cause = { cause: error };
  switch (listenFault(error)) {
    case 'in-use':
      return new HostError(
        'port-in-use',
        `Port ${port} of ${host} is in use, so no webhook comes in. Name another as webhooks.port in the config.`,
        cause,
      );
    case 'forbidden':
      return new HostError(
        'port-forbidden',
        `Port ${port} may not be used by this user. Name one above 1023 as webhooks.port in the config.`,
        cause,
      );
    case 'no-address':
      return new HostError(
        'not-listening',
        `${host} is no address of this machine. Name one as webhooks.host in the config, such as 127.0.0.1.`,
        cause,
      );
    default:
      return toHostError(error, 'not-listening');
  }
}
