/** Reads an event stream as the HTML standard says ("Interpreting an event stream"); ids and retry times are passed over. */

export interface ServerSentEvent {
  /** Undefined where the stream names none. */
  readonly event: string | undefined;
  readonly data: string;
}

/** Takes the stream piece by piece and gives the events that are whole. An event without its blank line is none. */
export class ServerSentEvents {
  #rest = '';
  #begun = false;
  #endsWithReturn = false;
  #event: string | undefined;
  #data: string | undefined;

  push(piece: string): readonly ServerSentEvent[] {
    const found: ServerSentEvent[] = [];
    let text = this.#rest + piece;
    // Looking into a long line again with each of its pieces would take a time that grows with its square.
    if (!this.#endsWithReturn && !LINE_END.test(piece)) {
      this.#rest = text;
      return found;
    }
    if (!this.#begun) {
      this.#begun = true;
      if (text.charCodeAt(0) === BYTE_ORDER_MARK) text = text.slice(1);
    }
    // A carriage return at the end may be half of a line's end.
    if (text.includes('\r')) text = text.replaceAll(/\r\n|\r(?!$)/g, '\n');
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.#take(text, start, end, found);
      start = end + 1;
    }
    this.#rest = text.slice(start);
    this.#endsWithReturn = this.#rest.endsWith('\r');
    return found;
  }

  /** The stream has ended. */
  end(): readonly ServerSentEvent[] {
    return this.#endsWithReturn ? this.push('\n') : [];
  }

  #take(text: string, start: number, end: number, found: ServerSentEvent[]): void {
    if (start === end) {
      if (this.#data !== undefined) found.push({ event: this.#event, data: this.#data });
      this.#event = undefined;
      this.#data = undefined;
      return;
    }
    if (text.startsWith('data:', start)) {
      const line = text.slice(valueStart(text, start + 'data:'.length), end);
      this.#data = this.#data === undefined ? line : `${this.#data}\n${line}`;
    } else if (text.startsWith('event:', start)) {
      this.#event = text.slice(valueStart(text, start + 'event:'.length), end);
    }
  }
}

const LINE_END = /[\r\n]/;
const BYTE_ORDER_MARK = 0xfeff;

function valueStart(text: string, at: number): number {
  return text.charCodeAt(at) === 0x20 ? at + 1 : at;
}
