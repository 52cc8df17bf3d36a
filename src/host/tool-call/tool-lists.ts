/** The tools of a catalog, as runs take them: kept once for each revision, so that a journal names the revision alone. */
import { HostError } from '../../errors.ts';
import type { Registry } from '../../registry/contract.ts';
import type { RunContext, ToolList, ToolSummary } from '../context.ts';
import { isForModels } from './tool-visibility.ts';

export interface ToolListStore {
  /** Kept when this resolves; the same revision is kept once. */
  keep(list: ToolList): Promise<void>;
  /** Undefined where it was never kept. */
  get(revision: string): Promise<ToolList | undefined>;
}

export interface ToolListsOptions {
  readonly registry: Pick<Registry, 'catalog' | 'ready'>;
  readonly store: ToolListStore;
  readonly summaryOf: (entry: ReturnType<Registry['catalog']>['tools'][number]) => ToolSummary;
}

export function createToolLists({
  registry,
  store,
  summaryOf,
}: ToolListsOptions): (context: RunContext) => Promise<ToolList> {
  let made: ToolList | undefined;
  /** Of the catalog of the moment, made once for each revision: the very objects of earlier runs spare adapting every schema again. */
  const current = (): ToolList => {
    const catalog = registry.catalog();
    if (made?.revision !== catalog.revision)
      made = { revision: catalog.revision, tools: catalog.tools.filter(isForModels).map(summaryOf) };
    return made;
  };
  return async (context) => {
    const { revision } = await context.step('tools', async (step) => {
      await registry.ready({ signal: step.signal });
      const list = current();
      await store.keep(list);
      return { revision: list.revision };
    });
    const list = current();
    if (list.revision === revision) return list;
    const kept = await store.get(revision);
    if (kept) return kept;
    throw new HostError(
      'tools-unknown',
      `The tools that this run began with (catalog ${revision}) are not kept any more.`,
    );
  };
}
