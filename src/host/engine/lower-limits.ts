import type { BudgetLimits } from '../context.ts';

type Name = keyof BudgetLimits;

/** Of each limit the lower one. */
export function lowerLimits(configured: BudgetLimits, wanted: BudgetLimits): BudgetLimits {
  const names = [...new Set([...Object.keys(configured), ...Object.keys(wanted)])] as Name[];
  return Object.fromEntries(
    names.flatMap((name) => {
      const given = [configured[name], wanted[name]].filter((limit) => limit !== undefined);
      return given.length === 0 ? [] : [[name, Math.min(...given)]];
    }),
  );
}
