/** Where two values of JSON differ first, as a path with what stands on both sides; undefined where they are equal. */
import { isJsonObject, type Json } from '../../src/json.ts';

export function difference(own: Json | undefined, shown: Json | undefined, path = ''): string | undefined {
  if (Array.isArray(own) && Array.isArray(shown)) {
    const [left, right]: (readonly Json[])[] = [own, shown];
    return firstOf(indices(left, right), (index) =>
      difference(left?.[index], right?.[index], `${path}[${index}]`),
    );
  }
  if (isJsonObject(own) && isJsonObject(shown)) {
    const keys = new Set([...Object.keys(own), ...Object.keys(shown)]);
    return firstOf(keys, (key) => difference(own[key], shown[key], path === '' ? key : `${path}.${key}`));
  }
  if (own === shown) return undefined;
  return `${path}: ${brief(own)} is ${brief(shown)}`;
}

function indices(left: readonly Json[] = [], right: readonly Json[] = []): Iterable<number> {
  return Array.from({ length: Math.max(left.length, right.length) }).keys();
}

function firstOf<T>(items: Iterable<T>, find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function brief(value: Json | undefined): string {
  return value === undefined ? '(absent)' : JSON.stringify(value).slice(0, 120);
}
