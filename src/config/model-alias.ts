/** Aliases that mean something without any config; an entry of the same name under `models` stands in their place. */
export const BUILTIN_ALIASES = ['fast', 'smart', 'cheap', 'local'] as const;

export type BuiltinAlias = (typeof BUILTIN_ALIASES)[number];

export function isBuiltinAlias(name: string): name is BuiltinAlias {
  return BUILTIN_ALIASES.some((alias) => alias === name);
}
