/** Follows runs to their end and has what they said remembered, one exchange after the other, behind everybody's back. */
import { setTimeout as wait } from 'node:timers/promises';

import type { MemorySettings } from '../../config/memory-settings.ts';
import { messageOf } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { LogSink } from '../../registry/contract.ts';
import type { RunHandle, RunOutcome } from '../engine/engine.ts';
import type { AgentOutput } from '../workflow/agent.ts';
import { exchangeOf, type Exchange } from './exchange.ts';
import { statementsOf } from './extract/statement.ts';
import type { MemoryQueue } from './queue.ts';
import type { RememberInput, RememberOutput } from './remember.ts';

export interface RememberingOptions {
  readonly queue: MemoryQueue;
  /** Those of the moment. */
  readonly settings: () => MemorySettings;
  /** Whether a model is set up for it. */
  readonly hasModel: () => boolean;
  readonly start: (input: RememberInput) => Promise<RunHandle<RememberOutput>>;
  readonly redact: <Value extends JsonObject>(value: Value) => Value;
  readonly log: LogSink;
}

/** What a closing host waits for what is under way; the rest is remembered by the next run of its session. */
const CLOSE_TIMEOUT_MS = 10_000;

export class Remembering {
  readonly #options: RememberingOptions;
  readonly #open = new Set<Promise<void>>();
  /** The last work of each session, behind which the next one waits; runs without a session share one. */
  readonly #working = new Map<string, Promise<void>>();
  #closing = false;

  constructor(options: RememberingOptions) {
    this.#options = options;
  }

  /** Goes on with what earlier runs of this session left undone, and has this one remembered when it has answered. */
  follow(handle: RunHandle<AgentOutput>, sessionId: string | undefined): void {
    const requestedAt = new Date().toISOString();
    this.#repair(sessionId);
    void handle.result.then((outcome) =>
      this.#track(async () => {
        const exchange = this.#exchangeOf(handle.id, outcome, { sessionId, requestedAt });
        if (exchange === undefined || !this.#isWorthIt(exchange)) return;
        await this.#options.queue.add(exchange);
        await this.#work(sessionId);
      }),
    );
  }

  /** Resolves when nothing is under way for this session. Never rejects. */
  async settled(sessionId: string | undefined): Promise<void> {
    await this.#working.get(sessionId ?? '');
  }

  /** Waits for what is under way, but not for long. Runs that end from then on are kept for the next start. */
  async close(): Promise<void> {
    const timeout = new AbortController();
    const ended = (async () => {
      while (this.#open.size > 0) await Promise.all(this.#open);
    })();
    await Promise.race([
      ended,
      wait(CLOSE_TIMEOUT_MS, undefined, { signal: timeout.signal }).catch(() => undefined),
    ]);
    timeout.abort();
    this.#closing = true;
  }

  #repair(sessionId: string | undefined): void {
    this.#track(async () => {
      if (await this.#options.queue.holds(sessionId)) await this.#work(sessionId);
    });
  }

  #track(work: () => Promise<void>): void {
    const tracked = this.#guarded(work).finally(() => this.#open.delete(tracked));
    this.#open.add(tracked);
  }

  #exchangeOf(
    runId: string,
    outcome: RunOutcome<AgentOutput>,
    about: { readonly sessionId: string | undefined; readonly requestedAt: string },
  ): Exchange | undefined {
    if (outcome.type !== 'done') return undefined;
    const { messages, text } = outcome.output;
    return exchangeOf({
      runId,
      ...about,
      answeredAt: new Date().toISOString(),
      messages,
      answer: text,
      redact: this.#options.redact,
    });
  }

  /** Of a run without a session only facts are kept: where rules find none, no memory server need start. */
  #isWorthIt({ sessionId, request }: Exchange): boolean {
    if (sessionId !== undefined) return true;
    const extract = this.#extract();
    return extract === 'model' || (extract === 'rules' && statementsOf(request).length > 0);
  }

  #extract(): RememberInput['extract'] {
    const { extract } = this.#options.settings();
    if (extract !== undefined) return extract;
    return this.#options.hasModel() ? 'model' : 'rules';
  }

  #work(sessionId: string | undefined): Promise<void> {
    const key = sessionId ?? '';
    const before = this.#working.get(key) ?? Promise.resolve();
    const work = before
      .then(() => this.#guarded(() => this.#drain(sessionId)))
      .finally(() => {
        if (this.#working.get(key) === work) this.#working.delete(key);
      });
    this.#working.set(key, work);
    return work;
  }

  /** Until nothing is left, or one cannot be remembered: those behind it would fail as well. */
  async #drain(sessionId: string | undefined): Promise<void> {
    const { queue, start, log } = this.#options;
    while (!this.#closing) {
      const next = await queue.take(sessionId);
      if (next === undefined) return;
      const { runId } = next.exchange;
      const outcome = await this.#attempt(async () => {
        const handle = await start({ ...next, extract: this.#extract() });
        return handle.result;
      });
      if (outcome.type === 'done') {
        await queue.done(runId);
        continue;
      }
      const again = await queue.giveBack(runId, { wasTried: !outcome.isPostponed });
      const fields = { runId, outcome: outcome.type, again, reason: outcome.reason };
      log({ level: 'warn', component: 'memory', event: 'not-remembered', run: runId, fields });
      return;
    }
  }

  async #attempt(
    work: () => Promise<RunOutcome>,
  ): Promise<{ readonly type: RunOutcome['type']; readonly reason: string; readonly isPostponed?: boolean }> {
    try {
      const outcome = await work();
      if (outcome.type === 'done') return { type: 'done', reason: '' };
      return {
        type: outcome.type,
        reason: outcome.type === 'failed' ? outcome.error.message : outcome.message,
        // By a limit that other runs have reached: it is no fault of what is to be remembered.
        isPostponed: outcome.type === 'stopped' && outcome.scope !== undefined,
      };
    } catch (error) {
      return { type: 'failed', reason: messageOf(error) };
    }
  }

  /** A run has ended whether or not it can be remembered. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const fields = { reason: messageOf(error) };
      this.#options.log({ level: 'warn', component: 'memory', event: 'not-remembered', fields });
    }
  }
}
