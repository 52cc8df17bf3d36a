import { messageOf } from '../errors.ts';
import type { JsonDocument, JsonPath } from './json-document.ts';
import { configInvalid, placed } from './problem.ts';

export interface WrittenPattern {
  readonly pattern: string;
  readonly path: JsonPath;
}

/** Rejects with HostError `config-invalid` where one is no pattern of RE2. */
export async function checkPatterns(
  file: string,
  patterns: readonly WrittenPattern[],
  document: JsonDocument,
): Promise<void> {
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
