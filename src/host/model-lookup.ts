import { HostError } from '../errors.ts';
import type { Model } from './model/model.ts';
import type { ModelSet } from './model/resolve.ts';

/** Models by alias or id, of the config of the moment. A run keeps the models that it began with. */
export class ModelLookup {
  readonly #resolve: () => Promise<ModelSet>;
  readonly #ofRuns = new Map<string, ModelSet>();
  #resolving: Promise<ModelSet> | undefined;
  #resolved: ModelSet | undefined;

  /** `resolve` is asked again at each use; it returns the same promise for as long as the models are the same. */
  constructor(resolve: () => Promise<ModelSet>) {
    this.#resolve = resolve;
  }

  all(): Promise<ModelSet> {
    const resolving = this.#resolve();
    if (resolving !== this.#resolving) {
      this.#resolving = resolving;
      // Those who ask get the failure; a set that is another by now is not taken.
      resolving.then(
        (set) => {
          if (this.#resolving === resolving) this.#resolved = set;
        },
        () => undefined,
      );
    }
    return resolving;
  }

  async find(name: string): Promise<Model | undefined> {
    return (await this.all()).get(name);
  }

  /** Of those that were looked for last. */
  found(name: string): Model | undefined {
    return this.#resolved?.get(name);
  }

  /** The run uses this set until it has ended. */
  keep(run: { readonly id: string; readonly result: Promise<unknown> }, set: ModelSet): void {
    this.#ofRuns.set(run.id, set);
    void run.result.finally(() => this.#ofRuns.delete(run.id));
  }

  /** Throws HostError `unknown-model`. */
  known(name: string, runId: string): Model {
    const model = (this.#ofRuns.get(runId) ?? this.#resolved)?.get(name);
    if (!model) throw new HostError('unknown-model', `There is no model "${name}".`);
    return model;
  }
}
