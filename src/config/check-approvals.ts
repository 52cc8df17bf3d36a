import { messageOf } from '../errors.ts';
import type { ApprovalRule } from './approval-rule.ts';
import type { JsonDocument } from './json-document.ts';
import { configInvalid, placed } from './problem.ts';

/** Rejects with HostError `config-invalid` where the pattern of a rule is none of RE2. */
export async function checkApprovals(
  file: string,
  rules: readonly ApprovalRule[],
  document: JsonDocument,
): Promise<void> {
  const patterns = rules.flatMap((rule, index) =>
    Object.entries(rule.arguments ?? {}).map(([name, pattern]) => ({
      pattern,
      path: ['approvals', index, 'arguments', name],
    })),
  );
  if (patterns.length === 0) return;
  const { RE2JS } = await import('re2js');
  const problems = patterns.flatMap(({ pattern, path }) => {
    try {
      RE2JS.compile(pattern);
      return [];
    } catch (error) {
      const message = `is no pattern of RE2: ${messageOf(error)}. Look-around and back references are none of its words`;
      return [placed({ path, message, expected: 'an RE2 pattern', found: pattern }, document)];
    }
  });
  if (problems.length > 0) throw configInvalid(file, problems);
}
