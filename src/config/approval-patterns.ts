import type { ApprovalRule } from './approval-rule.ts';
import type { WrittenPattern } from './check-patterns.ts';

/** The patterns of all rules, with their places. */
export function approvalPatterns(rules: readonly ApprovalRule[]): readonly WrittenPattern[] {
  return rules.flatMap((rule, index) =>
    Object.entries(rule.arguments ?? {}).map(([name, pattern]) => ({
      pattern,
      path: ['approvals', index, 'arguments', name],
    })),
  );
}
