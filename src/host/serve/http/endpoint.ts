/** `/mcp`: clients of both eras on one URL, which of them it is being told by each request. */
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { HttpSettings } from '../../../config/serve-settings.ts';
import type { LogSink } from '../../../registry/contract.ts';
import type { Facade } from '../facade.ts';
import { ERROR } from '../protocol.ts';
import { accepts } from './accepts.ts';
import { CLOSING } from './closing.ts';
import { LegacyRequests } from './legacy-requests.ts';
import { isModern, ModernRequests } from './modern-requests.ts';
import { OpenResponses } from './open-responses.ts';
import { readBody } from './read-body.ts';
import { type Refusal, refuse } from './refuse.ts';
import { ReplayStore } from './replay-store.ts';
import { Sessions } from './sessions.ts';

/** Open requests are let finish for so long. */
const DRAIN_MS = 5_000;
/** What is told at the end is let go out for so long. */
const FLUSH_MS = 1_000;

export interface EndpointOptions {
  readonly facade: Facade;
  /** Those of the moment. */
  readonly settings: () => HttpSettings;
  readonly log: LogSink;
}

export class Endpoint {
  readonly #settings: () => HttpSettings;
  readonly #responses: OpenResponses;
  readonly #sessions: Sessions;
  readonly #modern: ModernRequests;
  readonly #legacy: LegacyRequests;
  #isClosing = false;

  constructor({ facade, settings, log }: EndpointOptions) {
    this.#settings = settings;
    this.#responses = new OpenResponses(
      () => this.#sessions.endIdle(),
      (unreadBytes) =>
        log({ level: 'warn', component: 'serve', event: 'client-does-not-read', fields: { unreadBytes } }),
    );
    this.#sessions = new Sessions(
      { facade, responses: this.#responses, store: new ReplayStore(), log },
      settings,
    );
    this.#modern = new ModernRequests(facade, this.#responses, this);
    this.#legacy = new LegacyRequests(this.#sessions, this);
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** `principal`: whose token the client has, where it has one. */
  async post(
    request: IncomingMessage,
    response: ServerResponse,
    principal: string | undefined,
  ): Promise<void> {
    if (!accepts(request.headers.accept, 'application/json', 'text/event-stream')) {
      refuse(response, NOT_ACCEPTABLE);
      return;
    }
    const body = await readBody(request, this.#settings().maxBodyBytes);
    if (body.type === 'gone') return;
    if (body.type === 'refused') {
      refuse(response, body.refusal);
      return;
    }
    const { headers } = request;
    const { value } = body;
    const era = isModern(headers, value) ? this.#modern : this.#legacy;
    const refusal =
      era === this.#modern
        ? this.#modern.serve({ value, headers, principal }, response)
        : this.#legacy.post({ value, headers, principal }, response);
    if (refusal !== undefined) refuse(response, refusal);
  }

  get({ headers }: IncomingMessage, response: ServerResponse, principal: string | undefined): void {
    const refusal = accepts(headers.accept, 'text/event-stream')
      ? this.#legacy.get({ headers, principal }, response)
      : NOT_ACCEPTABLE_STREAM;
    if (refusal !== undefined) refuse(response, refusal);
  }

  delete({ headers }: IncomingMessage, response: ServerResponse, principal: string | undefined): void {
    const refusal = this.#legacy.delete({ headers, principal }, response);
    if (refusal !== undefined) refuse(response, refusal);
  }

  /** Resolves when what was open is finished, or was given its time. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#sessions.endStanding();
    this.#modern.endStreams();
    await this.#responses.settled(DRAIN_MS);
    const reason = { code: CLOSING.code, message: 'The server ends.' };
    this.#modern.endAll(reason);
    this.#sessions.endAll(reason);
    await this.#responses.settled(FLUSH_MS);
    this.#responses[Symbol.dispose]();
  }
}

const NOT_ACCEPTABLE: Refusal = {
  status: 406,
  code: ERROR.invalidRequest,
  message: 'An answer may be of either type: send Accept: application/json, text/event-stream.',
};
const NOT_ACCEPTABLE_STREAM: Refusal = {
  status: 406,
  code: ERROR.invalidRequest,
  message: 'What is told here is a stream of events: send Accept: text/event-stream.',
};
