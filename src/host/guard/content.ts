/** Words and patterns that a text may not hold, or must. Patterns are of RE2, whose time is linear in the text. */
import { RE2JS } from 're2js';

import { writtenPattern } from '../../config/guard-patterns.ts';
import type { ContentRule } from '../../config/guard-settings.ts';
import type { Guard } from './guard.ts';
import { textGuard } from './text-guard.ts';
import type { Verdict } from './verdict.ts';

export function contentGuard(rule: ContentRule): Guard {
  const denied = (rule.deny ?? []).map(compile);
  const allowed = rule.allow?.map(compile);
  const refuse = (why: string): Verdict<never> => {
    const reason = rule.reason ?? why;
    return rule.action === 'ask'
      ? { type: 'ask', question: 'Let a text through that a content rule holds back?', reason }
      : { type: 'deny', reason };
  };
  return textGuard(
    'content',
    (texts) => {
      for (const { term, isIn } of denied) {
        if (texts.some(isIn)) return refuse(`a content rule does not allow ${term}`);
      }
      if (allowed !== undefined && !allowed.some(({ isIn }) => texts.some(isIn))) {
        return refuse('a content rule allows only texts of certain words, and none of them is in it');
      }
      return { type: 'allow' };
    },
    rule.stages,
  );
}

interface Term {
  readonly term: string;
  readonly isIn: (text: string) => boolean;
}

function compile(term: string): Term {
  const pattern = writtenPattern(term);
  if (pattern !== undefined) {
    const { source, ignoresCase } = pattern;
    const compiled = RE2JS.compile(source, ignoresCase ? RE2JS.CASE_INSENSITIVE : 0);
    return { term, isIn: (text) => compiled.matcher(text).find() };
  }
  const word = new RegExp(`(?<![\\p{L}\\p{N}_])${escaped(term)}(?![\\p{L}\\p{N}_])`, 'iu');
  return { term: JSON.stringify(term), isIn: (text) => word.test(text) };
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
