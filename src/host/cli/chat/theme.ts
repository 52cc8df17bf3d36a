/** How a chat looks: styles and symbols that this terminal can show. */
import { styleText } from 'node:util';

import type { EditorTheme, MarkdownTheme, SelectListTheme } from '@earendil-works/pi-tui';
import { stripTerminalSequences, truncateToWidth, visibleWidth } from '@earendil-works/pi-tui';

import type { TerminalCapability } from './capability.ts';
import type { Highlighter } from './highlight.ts';

export type Style = Parameters<typeof styleText>[0] & (string | readonly string[]);

export interface Theme {
  readonly symbols: Symbols;
  readonly markdown: MarkdownTheme;
  readonly editor: EditorTheme;
  /** Styles one line. Without colour only bold, dim, italic and the like remain. */
  readonly style: (style: Style, text: string) => string;
  /** Unstyled text, shortened to a width; to be styled afterwards. */
  readonly cut: (text: string, width: number) => string;
  /** A line as it goes to the terminal: no wider than it, which the library would end the program for. */
  readonly fit: (line: string, width: number) => string;
}

export interface Symbols {
  readonly running: string;
  readonly done: string;
  readonly failed: string;
  readonly stopped: string;
  readonly cancelled: string;
  readonly ellipsis: string;
  readonly folded: string;
  readonly unfolded: string;
  readonly request: string;
  readonly branch: string;
  readonly separator: string;
  readonly checked: string;
  readonly unchecked: string;
  readonly marked: string;
  readonly unmarked: string;
  readonly selected: string;
  readonly spinner: readonly string[];
}

const UNICODE: Symbols = {
  running: '○',
  done: '✓',
  failed: '✗',
  stopped: '■',
  cancelled: '–',
  ellipsis: '…',
  folded: '▸',
  unfolded: '▾',
  request: '›',
  branch: '└',
  separator: ' · ',
  checked: '◉',
  unchecked: '○',
  marked: '■',
  unmarked: '□',
  selected: '›',
  spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
};

const ASCII: Symbols = {
  running: 'o',
  done: '+',
  failed: 'x',
  stopped: '#',
  cancelled: '-',
  ellipsis: '...',
  folded: '>',
  unfolded: 'v',
  request: '>',
  branch: '\\',
  separator: ' | ',
  checked: '(x)',
  unchecked: '( )',
  marked: '[x]',
  unmarked: '[ ]',
  selected: '>',
  spinner: ['|', '/', '-', '\\'],
};

const ATTRIBUTES = new Set(['bold', 'dim', 'italic', 'underline', 'inverse', 'strikethrough']);

export function createTheme(
  capability: Pick<TerminalCapability, 'colour' | 'unicode'>,
  highlighter: Highlighter,
): Theme {
  const style = (wanted: Style, text: string): string => {
    const styles = [wanted].flat().filter((name) => capability.colour || ATTRIBUTES.has(name));
    return styles.length === 0 ? text : styleText(styles as Style, text, { validateStream: false });
  };
  const as = (wanted: Style) => (text: string) => style(wanted, text);
  const select: SelectListTheme = {
    selectedPrefix: as('cyan'),
    selectedText: as(['bold', 'cyan']),
    description: as('dim'),
    scrollInfo: as('dim'),
    noMatch: as('dim'),
  };
  const symbols = capability.unicode ? UNICODE : ASCII;
  return {
    symbols,
    style,
    // The library ends its styles where it cuts, which would end those put around the text as well.
    cut: (text, width) => stripTerminalSequences(truncateToWidth(text, width, symbols.ellipsis)),
    fit(line, width) {
      const shown = capability.unicode ? line : withoutUnicode(line);
      return visibleWidth(shown) > width ? truncateToWidth(shown, width, '') : shown;
    },
    markdown: {
      heading: as(['bold', 'cyan']),
      link: as('underline'),
      linkUrl: as('dim'),
      code: as('cyan'),
      codeBlock: (text) => text,
      codeBlockBorder: as('dim'),
      quote: as('italic'),
      quoteBorder: as('dim'),
      hr: as('dim'),
      listBullet: as('cyan'),
      bold: as('bold'),
      italic: as('italic'),
      strikethrough: as('strikethrough'),
      underline: as('underline'),
      highlightCode: (code, language) => highlighter.highlight(code, language, style),
    },
    editor: { borderColor: as('dim'), selectList: select },
  };
}

/** Signs that the terminal library draws itself, one column each, as a terminal without Unicode can show them. */
const SUBSTITUTES = new Map(
  Object.entries({
    '─': '-',
    '│': '|',
    '┌': '+',
    '┐': '+',
    '└': '+',
    '┘': '+',
    '├': '+',
    '┤': '+',
    '┬': '+',
    '┴': '+',
    '┼': '+',
    '↑': '^',
    '↓': 'v',
    '→': '>',
    '•': '*',
    '…': '~',
  }),
);
const SUBSTITUTED = new RegExp(`[${[...SUBSTITUTES.keys()].join('')}]`, 'g');

function withoutUnicode(line: string): string {
  return line.replace(SUBSTITUTED, (sign) => SUBSTITUTES.get(sign) ?? sign);
}
