/** Adding and taking out one member of a JSON text with comments; every other byte stays. */
import { findNodeAtLocation, type Node, parseTree } from 'jsonc-parser';

import { indentUnit, lineEnd } from './config-text.ts';

/** Adds a member at the end of the object at `path`, which is there. */
export function addMember(text: string, path: readonly string[], key: string, value: unknown): string {
  const object = objectAt(text, path);
  const style = styleOf(text, object);
  const close = object.offset + object.length - 1;
  const last = object.children?.at(-1);
  const member = memberText(key, value, style);
  if (last === undefined) {
    const inside = text.slice(object.offset + 1, close);
    const kept = inside.trimEnd();
    const before = text.slice(0, object.offset + 1) + kept;
    return `${before}${style.end}${style.indent}${member}${style.end}${style.outerIndent}${text.slice(close)}`;
  }
  const end = last.offset + last.length;
  const rest = text.slice(end, close);
  const hasTrailingComma = commaAt(rest) !== undefined;
  const kept = rest.trimEnd();
  const before = text.slice(0, end) + (hasTrailingComma ? '' : ',') + kept;
  if (style.isOneLine)
    return `${before} ${member}${hasTrailingComma ? ',' : ''}${text.slice(end + kept.length)}`;
  return `${before}${style.end}${style.indent}${member}${hasTrailingComma ? ',' : ''}${text.slice(end + kept.length)}`;
}

/** Takes out the member at `path`, which is there. The object that held it stays, empty where it held nothing else. */
export function removeMember(text: string, path: readonly string[]): string {
  const property = nodeAt(text, path)?.parent;
  const object = property?.parent;
  if (property === undefined || object?.children === undefined)
    throw new Error(`There is no member at ${path.join('.')}.`);
  const index = object.children.indexOf(property);
  const previous = object.children[index - 1];
  const close = object.offset + object.length - 1;
  const end = property.offset + property.length;
  const comma = commaAt(text.slice(end, close));
  const previousEnd = previous === undefined ? object.offset + 1 : previous.offset + previous.length;
  const between = text.slice(previousEnd, property.offset).trimEnd();
  const ownsComma = previous !== undefined && comma === undefined;
  const kept = ownsComma ? withoutComma(between) : between;
  const after = text.slice(comma === undefined ? end : end + comma + 1);
  const isEmpty = object.children.length === 1 && kept === '' && /^\s*\}/.test(after);
  return joined(text.slice(0, previousEnd), kept, isEmpty ? after.trimStart() : after);
}

function withoutComma(trivia: string): string {
  const comma = commaAt(trivia) ?? 0;
  return trivia.slice(0, comma) + trivia.slice(comma + 1);
}

/** What follows a comment that ends with its line must not come into it. */
function joined(before: string, trivia: string, after: string): string {
  const [last = ''] = trivia.match(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g)?.slice(-1) ?? [];
  const isOpen = last.startsWith('//') && trivia.endsWith(last) && !/^[^\S\n]*\n/.test(after);
  return `${before}${trivia}${isOpen ? lineEnd(before + after) : ''}${after}`;
}

/** Puts another value in place of the one at `path`, which is there. */
export function replaceMember(text: string, path: readonly string[], value: unknown): string {
  const node = nodeAt(text, path);
  const object = node?.parent?.parent;
  if (node === undefined || object === undefined) throw new Error(`There is no member at ${path.join('.')}.`);
  const style = styleOf(text, object);
  return text.slice(0, node.offset) + valueText(value, style) + text.slice(node.offset + node.length);
}

interface Style {
  readonly end: string;
  readonly unit: string;
  /** Of the object's members, and of its closing brace. */
  readonly indent: string;
  readonly outerIndent: string;
  readonly isOneLine: boolean;
}

function styleOf(text: string, object: Node): Style {
  const end = lineEnd(text);
  const unit = indentUnit(text);
  const [first] = object.children ?? [];
  const outerIndent = indentOf(text, object.offset);
  if (first === undefined) return { end, unit, outerIndent, indent: outerIndent + unit, isOneLine: false };
  const isOneLine = !text.slice(object.offset, object.offset + object.length).includes('\n');
  return { end, unit, outerIndent, indent: indentOf(text, first.offset), isOneLine };
}

/** Of the line in which the offset stands. */
function indentOf(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

function memberText(key: string, value: unknown, style: Style): string {
  return `${JSON.stringify(key)}: ${valueText(value, style)}`;
}

function valueText(value: unknown, { unit, end, indent, isOneLine }: Style): string {
  if (isOneLine) return JSON.stringify(value);
  return listsOnOneLine(JSON.stringify(value, null, unit)).replaceAll('\n', end + indent);
}

/** As people write arguments, where the line does not become long for it. */
function listsOnOneLine(json: string): string {
  return json.replaceAll(/\[\s+((?:"(?:[^"\\]|\\.)*"(?:,\s+)?)+)\s+\]/g, (whole, items: string) => {
    const line = `[${items.replaceAll(/("(?:[^"\\]|\\.)*"),\s+/g, '$1, ')}]`;
    return line.length <= LONGEST_LIST ? line : whole;
  });
}

const LONGEST_LIST = 100;

/** Where in `text`, which stands between two members or behind the last one, its comma is. */
function commaAt(text: string): number | undefined {
  const [trivia = ''] = /^(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/.exec(text) ?? [];
  return text[trivia.length] === ',' ? trivia.length : undefined;
}

function objectAt(text: string, path: readonly string[]): Node {
  const node = nodeAt(text, path);
  if (node?.type !== 'object') throw new Error(`There is no object at ${path.join('.') || 'the top'}.`);
  return node;
}

function nodeAt(text: string, path: readonly string[]): Node | undefined {
  const root = parseTree(text, [], { allowTrailingComma: true });
  return root === undefined ? undefined : findNodeAtLocation(root, [...path]);
}
