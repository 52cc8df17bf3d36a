/** Colours for code, by the syntax tree of lowlight (highlight.js), which is loaded when a chat begins. */
import type { Style } from './theme.ts';

type Paint = (style: Style, text: string) => string;
type Lowlight = ReturnType<typeof import('lowlight').createLowlight>;
type Tree = ReturnType<Lowlight['highlight']>;
type Node = Tree['children'][number];

export interface Highlighter {
  /** Lines of the code; without colours until the grammars are loaded, and for an unknown language. */
  highlight(code: string, language: string | undefined, paint: Paint): string[];
  load(): Promise<void>;
}

/** Beyond this a code block is shown plain: it would be parsed again with every piece that streams in. */
const MAX_CHARACTERS = 40_000;

export function createHighlighter(): Highlighter {
  let lowlight: Lowlight | undefined;
  return {
    async load() {
      const { common, createLowlight } = await import('lowlight');
      lowlight = createLowlight(common);
    },
    highlight(code, language, paint) {
      if (
        !lowlight ||
        language === undefined ||
        code.length > MAX_CHARACTERS ||
        !lowlight.registered(language)
      )
        return code.split('\n');
      const text = lowlight.highlight(language, code).children.map((node) => painted(node, undefined, paint));
      return text.join('').split('\n');
    },
  };
}

/** Each line is styled by itself: the terminal library resets styles at the end of a line. */
function painted(node: Node, style: Style | undefined, paint: Paint): string {
  if (node.type === 'text') {
    if (style === undefined) return node.value;
    return node.value
      .split('\n')
      .map((line) => (line === '' ? '' : paint(style, line)))
      .join('\n');
  }
  if (node.type !== 'element') return '';
  const own = styleOf(node.properties['className']) ?? style;
  return node.children.map((child) => painted(child as Node, own, paint)).join('');
}

function styleOf(classNames: unknown): Style | undefined {
  const names = Array.isArray(classNames) ? classNames.map(String) : [];
  return names.map((name) => STYLES.get(name.replace(/^hljs-/, ''))).find((style) => style !== undefined);
}

const STYLES = new Map<string, Style>([
  ['keyword', 'magenta'],
  ['built_in', 'cyan'],
  ['type', 'cyan'],
  ['literal', 'yellow'],
  ['number', 'yellow'],
  ['string', 'green'],
  ['regexp', 'green'],
  ['comment', 'dim'],
  ['doctag', 'dim'],
  ['meta', 'dim'],
  ['title', 'blue'],
  ['section', 'blue'],
  ['name', 'blue'],
  ['attr', 'cyan'],
  ['attribute', 'cyan'],
  ['variable', 'cyan'],
  ['property', 'cyan'],
  ['symbol', 'magenta'],
  ['selector-class', 'blue'],
  ['selector-id', 'blue'],
  ['selector-tag', 'magenta'],
  ['addition', 'green'],
  ['deletion', 'red'],
]);
