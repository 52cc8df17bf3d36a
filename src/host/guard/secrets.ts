/** Secrets stay out of what a model is given, what is stored and what is shown; they may be sent to a tool. */
import type { JsonObject } from '../../json.ts';
import type { Redactor } from '../secret/redactor.ts';
import { loadRules, rulesLoaded } from '../secret/rules.ts';
import { holdsMask } from '../secret/secret.ts';
import type { Guard } from './guard.ts';
import { mapAnswer } from './texts.ts';
import type { Verdict } from './verdict.ts';

/** `isMemory` tells servers that keep what they are given, and give it to models later. */
export function secretsGuard(redactor: Redactor, isMemory: (server: string) => boolean): Guard {
  return {
    name: 'secrets',
    async input(text, { emit }) {
      if (!rulesLoaded()) await loadRules();
      const clean = await redactor.detector.maskLarge(text);
      if (clean === text) return { type: 'allow' };
      emit({ type: 'notice', level: 'warn', code: 'secret-in-request', message: ADVICE });
      return { type: 'revise', value: clean, reason: 'the request held a secret, which was masked' };
    },
    toolCall({ arguments: args, readOnly, server }) {
      if (isMemory(server)) return forMemory(redactor, args);
      if (readOnly || !anyText(args, holdsMask)) return { type: 'allow' };
      return { type: 'deny', reason: MASK_IN_WRITE };
    },
    async toolResult({ result }) {
      if (!rulesLoaded()) await loadRules();
      const clean = await redactor.largeValue(result);
      if (clean === result) return { type: 'allow' };
      return { type: 'revise', value: clean, reason: 'secrets in the answer were masked' };
    },
    output(message) {
      const clean = mapAnswer(message, (text) => redactor.text(text));
      if (clean === message) return { type: 'allow' };
      return { type: 'revise', value: clean, reason: 'secrets in the answer of the model were masked' };
    },
  };
}

async function forMemory(redactor: Redactor, args: JsonObject): Promise<Verdict<JsonObject>> {
  if (!rulesLoaded()) await loadRules();
  const clean = redactor.value(args);
  if (clean === args) return { type: 'allow' };
  return { type: 'revise', value: clean, reason: 'secrets are not remembered; they were masked' };
}

const ADVICE =
  'The request held a secret. It was masked before anything saw it. Put secrets into the environment, or under env or headers of a server in mcp.config.json, where tools find them and no model does.';

const MASK_IN_WRITE =
  'its arguments hold a redaction mark ("[redacted…]"), which stands for a secret that you were not shown. Writing it would put the mark in place of the secret. Change only the other parts (an edit of single lines in place of a whole file), or let the person do it';

function anyText(value: JsonObject, holds: (text: string) => boolean): boolean {
  return Object.entries(value).some(([key, inner]) => holds(key) || holds(JSON.stringify(inner)));
}
