/** Which of many branches are shown where not all have room. */
import type { Branch, BranchTree } from './branch-tree.ts';

export type TreeRow =
  | { readonly type: 'branch'; readonly branch: Branch }
  /** Children that are not shown, with how many of each state there are. */
  | { readonly type: 'rest'; readonly parent: Branch; readonly counts: Branch['counts'] };

/**
 * All, in their order, where there is room; else those that began last and are under way with what they belong to, then
 * those that ended last, and of the rest how many there are. `maxRows`: at least 2, the run itself not counted.
 */
export function shownRows(tree: BranchTree, maxRows: number): readonly TreeRow[] {
  const chosen = tree.size <= maxRows ? undefined : chosenOf(tree, maxRows);
  const rows: TreeRow[] = [];
  const add = (parent: Branch): void => {
    for (const branch of parent.children) {
      if (chosen !== undefined && !chosen.has(branch)) continue;
      rows.push({ type: 'branch', branch });
      add(branch);
    }
    const hidden = chosen === undefined ? undefined : hiddenOf(parent, chosen);
    if (hidden !== undefined) rows.push({ type: 'rest', parent, counts: hidden });
  };
  add(tree.root);
  return rows;
}

function chosenOf(tree: BranchTree, maxRows: number): ReadonlySet<Branch> {
  const chosen = new Set<Branch>();
  const shownChildren = new Map<Branch, number>();
  let rows = 1;
  /** A parent has a row for its rest until all its children are shown. */
  const restRows = (parent: Branch, shown: number): number => (shown < parent.children.length ? 1 : 0);
  const add = (branch: Branch): void => {
    const way: Branch[] = [];
    for (let at: Branch | undefined = branch; at?.parent !== undefined && !chosen.has(at); at = at.parent)
      way.push(at);
    let more = 0;
    for (const one of way) {
      const parent = one.parent as Branch;
      const shown = shownChildren.get(parent) ?? 0;
      const before = chosen.has(parent) || parent === tree.root ? restRows(parent, shown) : 0;
      more += 1 + restRows(parent, shown + 1) - before;
    }
    // What it is made of is told below it, where that is not shown itself.
    more += restRows(branch, shownChildren.get(branch) ?? 0);
    if (rows + more > maxRows) return;
    rows += more;
    for (const one of way) {
      chosen.add(one);
      const parent = one.parent as Branch;
      shownChildren.set(parent, (shownChildren.get(parent) ?? 0) + 1);
    }
  };
  for (const branch of tree.running) add(branch);
  for (const branch of tree.ended) add(branch);
  return chosen;
}

function hiddenOf(parent: Branch, chosen: ReadonlySet<Branch>): Branch['counts'] | undefined {
  const counts = { ...parent.counts };
  let hidden = parent.children.length;
  for (const branch of parent.children) {
    if (!chosen.has(branch)) continue;
    counts[branch.state] -= 1;
    hidden -= 1;
  }
  return hidden === 0 ? undefined : counts;
}
