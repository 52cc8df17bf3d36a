import type { JournalView } from './journal-view.ts';

const INTERVAL_MS = 2;

/** Looks at who owns the runs, again and again: one owner for each fence, which only grows. */
export class OwnerWatch implements Disposable {
  readonly #journal: JournalView;
  readonly #timer: NodeJS.Timeout;
  readonly #seen = new Map<string, { readonly fence: number; readonly owner: string | null }>();
  readonly problems: string[] = [];
  takeovers = 0;

  constructor(journal: JournalView) {
    this.#journal = journal;
    this.#timer = setInterval(() => this.#look(), INTERVAL_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const { id, fence, owner } of this.#journal.open()) {
      const before = this.#seen.get(id);
      this.#seen.set(id, { fence, owner });
      if (before === undefined) continue;
      if (fence < before.fence) this.problems.push(`${id}: its fence fell from ${before.fence} to ${fence}`);
      if (fence > before.fence) this.takeovers += fence - before.fence;
      // Who leaves a run gives it up under the fence that it has.
      else if (owner !== before.owner && owner !== null)
        this.problems.push(`${id}: two owners with fence ${fence}: ${before.owner} and ${owner}`);
    }
  }
}
