/** The order of work in the embedder process: a question of one text never waits behind a whole collection. */
import { messageOf } from '../errors.ts';
import type { Extractor } from './extractor.ts';
import { BATCH_SIZE } from './extractor.ts';
import { DIMENSIONS } from './layout.ts';

export interface EmbeddingJob {
  readonly texts: readonly string[];
  onVectors(vectors: Float32Array): void;
  onFailure(message: string): void;
}

interface OpenJob {
  readonly job: EmbeddingJob;
  /** Indexes of texts, shortest first, so that a batch is padded little. */
  readonly order: readonly number[];
  readonly vectors: Float32Array;
  done: number;
}

export class EmbeddingQueue {
  readonly #extractor: Promise<Extractor>;
  #open: OpenJob[] = [];
  #running = false;

  constructor(extractor: Promise<Extractor>) {
    this.#extractor = extractor;
  }

  get idle(): boolean {
    return this.#open.length === 0;
  }

  add(job: EmbeddingJob): void {
    const order = job.texts
      .map((text, index) => ({ index, length: text.length }))
      .sort((left, right) => left.length - right.length)
      .map(({ index }) => index);
    this.#open.push({ job, order, vectors: new Float32Array(job.texts.length * DIMENSIONS), done: 0 });
    if (!this.#running) void this.#run();
  }

  cancel(job: EmbeddingJob): void {
    this.#open = this.#open.filter((open) => open.job !== job);
  }

  /** Never rejects: a failure is told to the jobs it concerns. */
  async #run(): Promise<void> {
    this.#running = true;
    for (let open = this.#smallest(); open !== undefined; open = this.#smallest()) {
      try {
        await this.#advance(open);
      } catch (error) {
        this.cancel(open.job);
        open.job.onFailure(messageOf(error));
      }
    }
    this.#running = false;
  }

  #smallest(): OpenJob | undefined {
    const left = (open: OpenJob): number => open.order.length - open.done;
    return this.#open.reduce<OpenJob | undefined>(
      (best, open) => (best === undefined || left(open) < left(best) ? open : best),
      undefined,
    );
  }

  async #advance(open: OpenJob): Promise<void> {
    const batch = open.order.slice(open.done, open.done + BATCH_SIZE);
    if (batch.length > 0) {
      const extractor = await this.#extractor;
      const data = await extractor.extract(batch.map((index) => open.job.texts[index] ?? ''));
      for (const [position, index] of batch.entries()) {
        open.vectors.set(
          data.subarray(position * DIMENSIONS, (position + 1) * DIMENSIONS),
          index * DIMENSIONS,
        );
      }
      open.done += batch.length;
    }
    if (open.done < open.order.length || !this.#open.includes(open)) return;
    this.cancel(open.job);
    open.job.onVectors(open.vectors);
  }
}
