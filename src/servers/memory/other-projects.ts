/** The person's memories of other projects, for what has to be forgotten wherever it was said. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { ScopeStore, type ScopeStoreOptions } from './scope-store.ts';

export interface OtherProjects {
  /** Opens one after the other, and each only while `work` runs. The sum of what `work` gave. */
  sum(work: (home: ScopeStore) => Promise<number>): Promise<number>;
}

export interface OtherProjectsOptions extends Pick<ScopeStoreOptions, 'embedder' | 'log'> {
  /** Holds a folder for each project. */
  readonly root: string;
  /** Names of folders in it that are none of the others. */
  readonly except: readonly string[];
}

export function otherProjects({ root, except, embedder, log }: OtherProjectsOptions): OtherProjects {
  return {
    async sum(work) {
      const names = readdirSync(root).filter((name) => existsSync(join(root, name, 'store.db')));
      const failures: unknown[] = [];
      let total = 0;
      for (const name of names.filter((one) => !except.includes(one))) {
        try {
          await using home = new ScopeStore({ scope: 'project', folder: join(root, name), embedder, log });
          total += await work(home);
        } catch (error) {
          // One that cannot be opened keeps no other from being looked at.
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
      return total;
    },
  };
}
