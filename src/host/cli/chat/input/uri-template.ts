/** URI templates of resources, as far as MCP servers use them: literal text and `{variable}` (RFC 6570, level 1). */

export interface OpenVariable {
  readonly name: string;
  readonly value: string;
  /** The URI up to where the value begins. */
  readonly before: string;
  /** Values of the variables before it. */
  readonly known: Readonly<Record<string, string>>;
}

export function matchesTemplate(template: string, uri: string): boolean {
  const source = partsOf(template)
    .map(({ literal, variable }) => `${escaped(literal)}${variable === undefined ? '' : '[^/?#]+'}`)
    .join('');
  return new RegExp(`^${source}$`).test(uri);
}

/** The variable of a template that the beginning of a URI has come to; undefined where it does not fit or is in a literal. */
export function openVariable(template: string, written: string): OpenVariable | undefined {
  let rest = written;
  let before = '';
  const known: Record<string, string> = {};
  for (const { literal, variable, next } of partsOf(template)) {
    if (!rest.startsWith(literal) || variable === undefined) return undefined;
    rest = rest.slice(literal.length);
    before += literal;
    const end = next === '' ? -1 : rest.indexOf(next);
    if (end === -1) return { name: variable, value: rest, before, known };
    known[variable] = rest.slice(0, end);
    before += rest.slice(0, end);
    rest = rest.slice(end);
  }
  return undefined;
}

interface Part {
  readonly literal: string;
  readonly variable: string | undefined;
  /** The literal behind the variable. */
  readonly next: string;
}

function partsOf(template: string): readonly Part[] {
  const pieces = template.split(/\{[+#./;?&]?([^}]*)\}/);
  const parts: Part[] = [];
  for (let index = 0; index < pieces.length; index += 2) {
    parts.push({ literal: pieces[index] ?? '', variable: pieces[index + 1], next: pieces[index + 2] ?? '' });
  }
  return parts;
}

function escaped(literal: string): string {
  return literal.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
