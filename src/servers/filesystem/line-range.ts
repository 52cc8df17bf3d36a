/** Picks a range of lines out of text that comes in pieces, keeping every character of it, and counts all lines. */
export class LineRange {
  readonly #startLine: number;
  readonly #endLine: number;
  readonly #maxCharacters: number;
  #pieces: string[] = [];
  #characters = 0;
  #line = 1;
  #lastLine = 0;
  #endsWithNewline = true;
  #isEmpty = true;
  #truncated = false;

  /** Lines count from 1; `endLine` is included. */
  constructor(startLine: number, endLine: number, maxCharacters: number) {
    this.#startLine = startLine;
    this.#endLine = endLine;
    this.#maxCharacters = maxCharacters;
  }

  push(text: string): void {
    if (text === '') return;
    this.#isEmpty = false;
    let from = 0;
    // Runs of lines on one side of the range are skipped without being copied.
    while (from < text.length) {
      const newline = text.indexOf('\n', from);
      const to = newline === -1 ? text.length : newline + 1;
      if (this.#line >= this.#startLine && this.#line <= this.#endLine) this.#take(text.slice(from, to));
      if (newline !== -1) this.#line += 1;
      from = to;
    }
    this.#endsWithNewline = text.endsWith('\n');
  }

  end(): { content: string; endLine: number; totalLines: number; truncated: boolean } {
    const totalLines = this.#isEmpty ? 0 : this.#endsWithNewline ? this.#line - 1 : this.#line;
    return {
      content: this.#pieces.join(''),
      endLine: this.#lastLine,
      totalLines,
      truncated: this.#truncated,
    };
  }

  #take(piece: string): void {
    if (this.#truncated) return;
    const room = this.#maxCharacters - this.#characters;
    this.#truncated = piece.length > room;
    const kept = this.#truncated ? piece.slice(0, room) : piece;
    this.#pieces.push(kept);
    this.#characters += kept.length;
    if (kept !== '') this.#lastLine = this.#line;
  }
}
