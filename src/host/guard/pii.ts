/** Personal data: masked or refused, as the config says. */
import type { PiiRule } from '../../config/guard-settings.ts';
import { maskOf } from '../secret/secret.ts';
import { atStages } from './at-stages.ts';
import type { Guard } from './guard.ts';
import { loadPiiFinder } from './pii/find-pii.ts';
import type { PiiFinder } from './pii/span.ts';
import { textGuard } from './text-guard.ts';
import { mapAnswer, mapTexts } from './texts.ts';
import type { Verdict } from './verdict.ts';

export async function piiGuard(rule: PiiRule): Promise<Guard> {
  const find = await loadPiiFinder(rule.entities);
  return rule.action === 'deny' ? denying(rule, find) : masking(rule, find);
}

function denying(rule: PiiRule, find: PiiFinder): Guard {
  const check = (texts: readonly string[]): Verdict<never> => {
    const found = new Set(texts.flatMap((text) => find(text).map(({ entity }) => entity)));
    if (found.size === 0) return { type: 'allow' };
    return { type: 'deny', reason: `it holds personal data (${[...found].sort().join(', ')})` };
  };
  return textGuard('pii', check, rule.stages);
}

function masking(rule: PiiRule, find: PiiFinder): Guard {
  const mask = (text: string): string => masked(text, find);
  const revised = <Value>(value: Value, clean: Value): Verdict<Value> =>
    value === clean
      ? { type: 'allow' }
      : { type: 'revise', value: clean, reason: 'personal data was masked' };
  return atStages(
    {
      name: 'pii',
      input: (text) => revised(text, mask(text)),
      toolCall: ({ arguments: args }) => revised(args, mapTexts(args, mask)),
      toolResult: ({ result }) => revised(result, mapTexts(result, mask)),
      output: (message) => revised(message, mapAnswer(message, mask)),
    },
    rule.stages,
  );
}

function masked(text: string, find: PiiFinder): string {
  const parts: string[] = [];
  let from = 0;
  for (const { start, end, entity } of find(text)) {
    parts.push(text.slice(from, start), maskOf(entity));
    from = end;
  }
  return from === 0 ? text : `${parts.join('')}${text.slice(from)}`;
}
