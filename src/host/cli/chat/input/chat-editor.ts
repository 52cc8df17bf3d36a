import { Editor, matchesKey, type TUI } from '@earendil-works/pi-tui';

import type { Theme } from '../theme.ts';
import type { PastedTexts } from './pasted-text.ts';

const PASTE_START = '\x1b[200~';
const PASTE_END = '\x1b[201~';

/** The library's editor, with long pasted texts as placeholders. */
export class ChatEditor extends Editor {
  readonly #pasted: PastedTexts;

  constructor(tui: TUI, theme: Theme, pasted: PastedTexts) {
    super(tui, theme.editor, { autocompleteMaxVisible: 8 });
    this.#pasted = pasted;
  }

  get empty(): boolean {
    return this.getText() === '';
  }

  override handleInput(data: string): void {
    if (data.startsWith(PASTE_START) && data.endsWith(PASTE_END)) {
      this.insertTextAtCursor(this.#pasted.take(data.slice(PASTE_START.length, -PASTE_END.length)));
      return;
    }
    const placeholder = matchesKey(data, 'backspace') ? this.#placeholderBeforeCursor() : undefined;
    // A placeholder goes as one: a part of it would stand for nothing.
    for (let left = placeholder?.length ?? 1; left > 0; left -= 1) super.handleInput(data);
  }

  #placeholderBeforeCursor(): string | undefined {
    const { line, col } = this.getCursor();
    return this.#pasted.endingAt(this.getLines()[line]?.slice(0, col) ?? '');
  }
}
