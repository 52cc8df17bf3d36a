import type { WrittenPattern } from './check-patterns.ts';
import type { ContentRule } from './guard-settings.ts';

/** The RE2 pattern between slashes, and whether case counts; undefined for a word. */
export function writtenPattern(
  term: string,
): { readonly source: string; readonly ignoresCase: boolean } | undefined {
  const [, source, flags] = /^\/(.+)\/(i?)$/s.exec(term) ?? [];
  return source === undefined ? undefined : { source, ignoresCase: flags === 'i' };
}

/** The patterns of all rules, with their places. */
export function contentPatterns(rules: readonly ContentRule[]): readonly WrittenPattern[] {
  return rules.flatMap((rule, index) =>
    (['deny', 'allow'] as const).flatMap((list) =>
      (rule[list] ?? []).flatMap((term, place) => {
        const pattern = writtenPattern(term)?.source;
        return pattern === undefined ? [] : [{ pattern, path: ['guards', 'content', index, list, place] }];
      }),
    ),
  );
}
