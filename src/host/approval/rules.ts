/** `approvals` of the config, compiled once; the first rule that fits decides. */
import picomatch from 'picomatch';

import { type ApprovalAnnotation, type ApprovalRule, ruleText } from '../../config/approval-rule.ts';
import type { Naming } from '../../config/config.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { ApprovalRequest, ToolTraits } from '../tool-call/policy.ts';

export type Ruled = Pick<
  ApprovalRequest,
  'name' | 'prefixedName' | 'ownName' | 'server' | 'traits' | 'arguments'
>;

export interface Ruling {
  readonly decision: ApprovalRule['decision'];
  /** Absent where no rule fits, and the default decides. */
  readonly rule?: { readonly text: string; readonly reason?: string };
}

export type Rules = (call: Ruled) => Ruling;

/** Rejects for a pattern that RE2 does not know; the config was checked for those (config/approval-patterns.ts). */
async function compileRules(rules: readonly ApprovalRule[], isBare: () => boolean): Promise<Rules> {
  const compiled = await Promise.all(
    rules.map(async (rule) => ({
      fits: await condition(rule, isBare),
      ruling: {
        decision: rule.decision,
        rule: { text: ruleText(rule), ...(rule.reason === undefined ? {} : { reason: rule.reason }) },
      },
    })),
  );
  return (call) => {
    const found = compiled.find(({ fits }) => fits(call));
    return found?.ruling ?? { decision: call.traits.readOnly ? 'allow' : 'ask' };
  };
}

/** The rules of several lists, each compiled once: of what they say to a call, the strictest holds. */
export function strictestOf(
  lists: () => readonly (readonly ApprovalRule[])[],
  naming: () => Naming = () => 'prefixed',
): () => Promise<Rules> {
  const compiled = new WeakMap<readonly ApprovalRule[], Promise<Rules>>();
  const compiledOnce = (list: readonly ApprovalRule[]): Promise<Rules> => {
    const known = compiled.get(list) ?? compileRules(list, () => naming() === 'bare');
    compiled.set(list, known);
    return known;
  };
  return async () => {
    const all = await Promise.all(lists().map(compiledOnce));
    return (call) => all.map((rules) => rules(call)).reduce(stricter);
  };
}

const STRICTNESS = { allow: 0, ask: 1, deny: 2 } as const;

function stricter(one: Ruling, other: Ruling): Ruling {
  return STRICTNESS[other.decision] > STRICTNESS[one.decision] ? other : one;
}

type Condition = (call: Ruled) => boolean;

async function condition(rule: ApprovalRule, isBare: () => boolean): Promise<Condition> {
  const { server, tool, annotation, decision } = rule;
  const conditions: Condition[] = [];
  if (server !== undefined) {
    const fits = glob(server);
    conditions.push((call) => fits(call.server));
  }
  if (tool !== undefined) {
    const fits = glob(tool);
    // Without a server the name that another server gives its tool must not fit: it could be anything. Where such names are
    // shown, one that clashes is shown no more, and what was denied by it stays denied.
    const fitsOwnName = (): boolean => server !== undefined || (decision !== 'allow' && isBare());
    conditions.push(
      ({ name, prefixedName = name, ownName }) =>
        fits(name) || fits(prefixedName) || (fitsOwnName() && fits(ownName)),
    );
  }
  if (annotation !== undefined) conditions.push((call) => hasAnnotation(call.traits, annotation));
  const patterns = Object.entries(rule.arguments ?? {});
  if (patterns.length > 0) {
    const { RE2JS } = await import('re2js');
    for (const [place, source] of patterns) {
      const pattern = RE2JS.compile(source);
      conditions.push((call) => {
        const value = argumentAt(call.arguments, place);
        return value !== undefined && pattern.test(typeof value === 'string' ? value : JSON.stringify(value));
      });
    }
  }
  return (call) => conditions.every((fits) => fits(call));
}

function glob(pattern: string): (name: string) => boolean {
  return picomatch(pattern, { dot: true });
}

function hasAnnotation(traits: ToolTraits, annotation: ApprovalAnnotation): boolean {
  switch (annotation) {
    case 'read-only':
      return traits.readOnly;
    case 'not-read-only':
      return !traits.readOnly;
    case 'destructive':
      return traits.destructive;
    case 'not-destructive':
      return !traits.destructive;
    case 'idempotent':
      return traits.idempotent;
    case 'not-idempotent':
      return !traits.idempotent;
    case 'open-world':
      return traits.openWorld;
    case 'not-open-world':
      return !traits.openWorld;
    default:
      return annotation satisfies never;
  }
}

/** By name, or by JSON pointer (RFC 6901) where it begins with a slash. */
function argumentAt(args: JsonObject, place: string): Json | undefined {
  if (!place.startsWith('/')) return own(args, place);
  let value: Json | undefined = args;
  for (const part of place.slice(1).split('/')) {
    value = own(value, part.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  return value;
}

function own(value: Json | undefined, key: string): Json | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Array.isArray(value) ? (value[Number(key)] ?? undefined) : (value as JsonObject)[key];
}
