/**
 * Updates of an MCP resource. What a server tells is only a reason to read it: what counts is that its content is another than
 * the one that was seen last, which is kept in `state.db`. So an update during an outage or a restart is not lost, and a
 * server that tells of updates that are none starts nothing.
 */
import { setTimeout as delay } from 'node:timers/promises';

import { DEFAULT_POLL_MS, type ResourceTriggerConfig } from '../../../../config/trigger-resource-schema.ts';
import { HostError, messageOf, toHostError } from '../../../../errors.ts';
import type { Registry } from '../../../../registry/contract.ts';
import type { SourceMemory } from '../../source-memory.ts';
import type { SourceOptions, TriggerSource } from '../../source.ts';
import { Problems } from '../problems.ts';
import { type Content, contentOf, resourceEvent, type SeenContent } from './resource-event.ts';

export interface ResourceSurroundings {
  readonly registry: Pick<Registry, 'ready' | 'ownerOf' | 'subscribe' | 'read' | 'shownUri'>;
  readonly memory: SourceMemory;
}

/** A server that tells of one update after another is read this often. */
const READ_GAP_MS = 200;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;
const AGAIN_AFTER_MS = 5_000;

/** Resolves when the resource was read once, or could not be: then that is told, and tried again. */
export async function openResourceSource(
  resource: ResourceTriggerConfig,
  options: SourceOptions,
  surroundings: ResourceSurroundings,
): Promise<TriggerSource> {
  const source = new ResourceSource(resource, options, surroundings);
  await source.begin();
  return source;
}

class ResourceSource implements TriggerSource {
  readonly #resource: ResourceTriggerConfig;
  readonly #options: SourceOptions;
  readonly #registry: ResourceSurroundings['registry'];
  readonly #memory: SourceMemory;
  readonly #problems: Problems;
  readonly #end = new AbortController();
  readonly #tried = Promise.withResolvers<void>();
  #seen: SeenContent | undefined;
  #isFirst = true;
  /** Read again when the reading that is under way is over. */
  #isWanted = false;
  #reading: Promise<void> | undefined;
  #watching: Promise<void> = Promise.resolve();

  constructor(
    resource: ResourceTriggerConfig,
    options: SourceOptions,
    { registry, memory }: ResourceSurroundings,
  ) {
    this.#resource = resource;
    this.#options = options;
    this.#registry = registry;
    this.#memory = memory;
    this.#problems = new Problems(options.onProblem);
  }

  async begin(): Promise<void> {
    const kept = this.#memory.all().get(this.#resource.uri);
    this.#seen = kept === undefined ? undefined : seenOf(kept);
    this.#watching = this.#watch();
    const giveUp = (): void => {
      this.#end.abort();
      this.#tried.resolve();
    };
    const { signal } = this.#options;
    if (signal?.aborted) giveUp();
    signal?.addEventListener('abort', giveUp, { once: true });
    await this.#tried.promise;
    signal?.removeEventListener('abort', giveUp);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#watching;
    await this.#reading;
  }

  /** Never rejects; ends with the source. */
  async #watch(): Promise<void> {
    const { signal } = this.#end;
    let retryMs = FIRST_RETRY_MS;
    while (!signal.aborted) {
      let waitMs = retryMs;
      try {
        const uri = await this.#shownUri();
        const changes = this.#registry.subscribe(uri, signal, {
          onOpened: () => {
            retryMs = FIRST_RETRY_MS;
            this.#problems.solved('resource-unavailable');
            this.#problems.solved('resource-polled');
            this.#want();
          },
          onUnavailable: (reason) => this.#unavailable(reason),
        });
        for await (const _ of changes) this.#want();
        if (!signal.aborted) this.#unavailable('its server is not there any more.');
      } catch (error) {
        if (signal.aborted) break;
        if (tellsNoUpdates(error)) {
          waitMs = this.#resource.pollMs ?? DEFAULT_POLL_MS;
          this.#polled(error, waitMs);
        } else this.#unavailable(messageOf(error));
      }
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      // Ends early where the source does.
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
    this.#tried.resolve();
  }

  async #shownUri(): Promise<string> {
    const { uri, server } = this.#resource;
    if (server !== undefined) return this.#registry.shownUri(server, uri);
    // It may be of a server of which nothing is known yet.
    if (this.#registry.ownerOf(uri) === undefined) await this.#registry.ready({ signal: this.#end.signal });
    return uri;
  }

  #polled(error: HostError, everyMs: number): void {
    this.#problems.solved('resource-unavailable');
    this.#problems.tell({
      code: 'resource-polled',
      message: `${error.message} It is read every ${everyMs / 1_000} s instead ("pollMs").`,
    });
    this.#want();
  }

  #unavailable(reason: string): void {
    this.#problems.tell({
      code: 'resource-unavailable',
      message: `${this.#resource.uri} is not watched at the moment: ${reason} It is tried again.`,
    });
    this.#tried.resolve();
  }

  #want(): void {
    this.#isWanted = true;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
  }

  /** Reads as often as it is wanted, one reading after another. Never rejects. */
  async #read(): Promise<void> {
    const { signal } = this.#end;
    while (this.#isWanted && !signal.aborted) {
      this.#isWanted = false;
      const isDone = await this.#readOnce();
      this.#tried.resolve();
      if (!isDone) this.#isWanted = true;
      await delay(isDone ? READ_GAP_MS : AGAIN_AFTER_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** False where it has to be tried again. */
  async #readOnce(): Promise<boolean> {
    try {
      const outcome = await this.#registry.read(await this.#shownUri(), { signal: this.#end.signal });
      if (this.#end.signal.aborted) return true;
      if (outcome.type !== 'complete') {
        const reason =
          outcome.type === 'input-required' ? 'its server asks for something first' : outcome.message;
        this.#problems.tell({
          code: 'resource-unreadable',
          message: `${this.#resource.uri} could not be read: ${reason}. It is tried again.`,
        });
        return false;
      }
      this.#problems.solved('resource-unreadable');
      await this.#compare(contentOf(outcome.result));
      this.#problems.solved('event-not-written');
      this.#problems.solved('events-wait');
      return true;
    } catch (error) {
      const { code, message } = toHostError(error);
      // Then the next start tells it.
      if (this.#end.signal.aborted || code === 'host-closed') return true;
      this.#problems.tell({
        code: code === 'queue-full' ? 'events-wait' : 'event-not-written',
        message: `An update of ${this.#resource.uri} could not be written down, and is told again: ${message}`,
      });
      return false;
    }
  }

  async #compare(content: Content): Promise<void> {
    const { hash } = content;
    const isBeginning = this.#seen === undefined || (this.#isFirst && this.#resource.missed === 'skip');
    const ordinal = (this.#seen?.ordinal ?? 0) + (this.#seen?.hash === hash ? 0 : 1);
    if (this.#seen?.hash !== hash) {
      if (!isBeginning)
        await this.#options.deliver(resourceEvent(this.#resource, content, ordinal), { onFull: 'refuse' });
      await this.#memory.put([[this.#resource.uri, JSON.stringify({ hash, ordinal } satisfies SeenContent)]]);
      this.#seen = { hash, ordinal };
    }
    this.#isFirst = false;
  }
}

function tellsNoUpdates(error: unknown): error is HostError {
  return (
    error instanceof HostError && ['subscription-unsupported', 'subscription-refused'].includes(error.code)
  );
}

function seenOf(text: string): SeenContent {
  const { hash, ordinal } = JSON.parse(text) as SeenContent;
  return { hash, ordinal };
}
