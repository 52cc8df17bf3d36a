/** From here on pasted text is shown as a placeholder: an editor that lays it out at every key would freeze. */
const MIN_CHARACTERS = 1_000;
const MIN_LINES = 12;

/** Long pasted texts, each known by its placeholder until the request is sent. */
export class PastedTexts {
  readonly #texts = new Map<string, string>();

  /** What to put into the editor for a paste: the text itself, or `[pasted 2,000,000 characters]`. */
  take(pasted: string): string {
    const text = clean(pasted);
    if (text.length < MIN_CHARACTERS && countLines(text) < MIN_LINES) return text;
    const label = `pasted ${text.length.toLocaleString('en')} characters`;
    let placeholder = `[${label}]`;
    for (let number = 2; this.#texts.has(placeholder); number += 1) placeholder = `[${label}, #${number}]`;
    this.#texts.set(placeholder, text);
    return placeholder;
  }

  /** The request with every placeholder replaced by its text. Each is replaced once, so that no text is read for another's placeholder. */
  expand(request: string): string {
    if (this.#texts.size === 0) return request;
    return request.replace(PLACEHOLDER, (found) => this.#texts.get(found) ?? found);
  }

  /** The placeholder that a text ends with. */
  endingAt(text: string): string | undefined {
    return [...this.#texts.keys()].find((placeholder) => text.endsWith(placeholder));
  }

  /** Whether a request holds a placeholder, so that its words alone are not what was asked. */
  within(request: string): boolean {
    return [...this.#texts.keys()].some((placeholder) => request.includes(placeholder));
  }
}

const PLACEHOLDER = /\[pasted [\d,]+ characters(?:, #\d+)?\]/g;

/** Line ends of every system as line feeds, and no other control character than the tab. */
function clean(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n').replaceAll(/[\p{Cc}--[\n\t]]/gv, '');
}

function countLines(text: string): number {
  let lines = 1;
  for (let at = text.indexOf('\n'); at !== -1 && lines < MIN_LINES; at = text.indexOf('\n', at + 1))
    lines += 1;
  return lines;
}
