import { matchesKey } from '@earendil-works/pi-tui';

import type { JsonObject } from '../../../../json.ts';
import { jsonText } from '../../../../json.ts';
import { lookAlikes } from '../look-alikes.ts';
import { printable } from '../../terminal.ts';
import type { Theme } from '../theme.ts';
import { Panel } from './panel.ts';

/**
 * A server's wish that the person open an address (spec: client/elicitation, URL mode). It is shown whole, its host made
 * plain, and never opened from here.
 */
export class UrlPanel extends Panel<JsonObject> {
  readonly #server: string;
  readonly #message: string;
  readonly #url: string;

  constructor(theme: Theme, server: string, params: JsonObject) {
    super(theme);
    this.#server = server;
    this.#message = jsonText(params['message']);
    this.#url = jsonText(params['url']);
  }

  dismiss(): void {
    this.settle({ action: 'cancel' });
  }

  handleInput(data: string): void {
    if (matchesKey(data, 'y')) this.settle({ action: 'accept' });
    else if (matchesKey(data, 'n')) this.settle({ action: 'decline' });
    else if (matchesKey(data, 'escape')) this.dismiss();
  }

  render(width: number): string[] {
    const url = URL.parse(this.#url);
    // The parser writes a host of other letters in its ASCII form, so that none passes for another.
    const host = url?.host ?? '';
    const similar = lookAlikes(printable(this.#url));
    const unlike = host !== '' && !this.#url.toLowerCase().includes(host);
    return [
      this.rule(width),
      ...this.text(`The server ${this.#server} asks you to open an address yourself.`, width, 'bold'),
      ...this.text(this.#message, width),
      ...this.text(this.#url, width, 'underline'),
      ...(host === ''
        ? this.text('That is not a valid address.', width, 'red')
        : [`Host: ${this.theme.style(['bold', 'yellow'], printable(host))}`].map((line) =>
            this.cut(line, width),
          )),
      ...(url !== null && url.protocol !== 'https:'
        ? this.text('It is not encrypted (no https).', width, 'yellow')
        : []),
      ...(unlike || similar.length > 0
        ? this.text(
            'Its letters are not what they look like; the host above is how computers read it.',
            width,
            'red',
          )
        : []),
      ...this.keys(
        [
          ['y', 'I will open it'],
          ['n', 'decline'],
          ['Esc', 'cancel'],
        ],
        width,
      ),
    ];
  }
}
