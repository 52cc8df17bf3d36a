/** JSON with comments and trailing commas, and where each value of it stands. */
import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';

export type JsonPath = readonly (string | number)[];

/** Both from 1; columns count UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

interface SyntaxFault extends Position {
  readonly message: string;
}

interface DuplicateKey {
  readonly path: JsonPath;
  readonly first: Position;
  readonly second: Position;
}

export interface JsonDocument {
  /** Undefined where the text holds no value at all. */
  readonly value: unknown;
  readonly faults: readonly SyntaxFault[];
  readonly duplicateKeys: readonly DuplicateKey[];
  /** Of the value at the path, or of the deepest value above it that exists. */
  positionOf(path: JsonPath): Position;
  /** Of the key that the path ends with, or as `positionOf` where it ends with no key that exists. */
  keyPositionOf(path: JsonPath): Position;
}

export function parseJsonDocument(text: string): JsonDocument {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false });
  const at = positions(text);
  const nodeAt = (path: JsonPath): Node | undefined => {
    if (root === undefined) return undefined;
    for (let length = path.length; length >= 0; length -= 1) {
      const node = findNodeAtLocation(root, path.slice(0, length));
      if (node !== undefined) return node;
    }
    return root;
  };
  return {
    value: root === undefined ? undefined : getNodeValue(root),
    faults: firstOfEachLine(errors.map((error) => ({ ...at(error.offset), message: faultMessage(error) }))),
    duplicateKeys: root === undefined ? [] : duplicateKeys(root, [], at),
    positionOf: (path) => at(nodeAt(path)?.offset ?? 0),
    keyPositionOf: (path) => {
      const node = root === undefined ? undefined : findNodeAtLocation(root, [...path]);
      const property = node?.parent?.type === 'property' ? node.parent : undefined;
      return at(property?.offset ?? nodeAt(path)?.offset ?? 0);
    },
  };
}

/** `mcpServers.github.args[0]`; keys that are no identifier are quoted. */
export function formatPath(path: JsonPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}

function positions(text: string): (offset: number) => Position {
  const lineStarts = [0];
  for (let offset = 0; offset < text.length; offset += 1) {
    const character = text[offset];
    if (character === '\n' || (character === '\r' && text[offset + 1] !== '\n')) lineStarts.push(offset + 1);
  }
  return (offset) => {
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 };
  };
}

function duplicateKeys(node: Node, path: JsonPath, at: (offset: number) => Position): DuplicateKey[] {
  const found: DuplicateKey[] = [];
  const firstOffsets = new Map<string, number>();
  for (const [index, child] of (node.children ?? []).entries()) {
    if (node.type === 'array') {
      found.push(...duplicateKeys(child, [...path, index], at));
      continue;
    }
    const [key, value] = child.children ?? [];
    if (key === undefined || value === undefined) continue;
    const name = String(key.value);
    const first = firstOffsets.get(name);
    if (first === undefined) firstOffsets.set(name, key.offset);
    else found.push({ path: [...path, name], first: at(first), second: at(key.offset) });
    found.push(...duplicateKeys(value, [...path, name], at));
  }
  return found;
}

/** One slip makes the parser stumble several times over the same line; the first time names it best. */
function firstOfEachLine(faults: readonly SyntaxFault[]): SyntaxFault[] {
  const lines = new Set<number>();
  return faults.filter(({ line }) => !lines.has(line) && lines.add(line));
}

function faultMessage(error: ParseError): string {
  const code = printParseErrorCode(error.error);
  return FAULTS[code] ?? code;
}

const FAULTS: Readonly<Record<string, string>> = {
  InvalidSymbol: 'expected a value in double quotes, a number, true, false, null, { or [',
  InvalidNumberFormat: 'this is no number',
  PropertyNameExpected: 'expected a key in double quotes',
  ValueExpected: 'expected a value',
  ColonExpected: 'expected a colon after the key',
  CommaExpected: 'expected a comma before this',
  CloseBraceExpected: 'expected } here; is the file cut off?',
  CloseBracketExpected: 'expected ] here; is the file cut off?',
  EndOfFileExpected: 'expected the end of the file here; something follows the closing }',
  UnexpectedEndOfComment: 'this comment has no end',
  UnexpectedEndOfString: 'this text has no closing double quote',
  UnexpectedEndOfNumber: 'this number is cut off',
  InvalidUnicode: 'this \\u escape needs four hexadecimal digits',
  InvalidEscapeCharacter: 'unknown escape; write \\\\ for a backslash',
  InvalidCharacter: 'control characters must be escaped',
};
