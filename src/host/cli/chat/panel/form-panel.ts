import { matchesKey, wrapTextWithAnsi } from '@earendil-works/pi-tui';

import type { JsonObject } from '../../../../json.ts';
import { isJsonObject, jsonText } from '../../../../json.ts';
import { validateArguments } from '../../../tool-call/validate.ts';
import type { Theme } from '../theme.ts';
import { createField, type FieldValue, type FormField } from './form-field.ts';
import { Panel } from './panel.ts';

/** A question as a form (spec: client/elicitation, form mode). Sent only when it fits the schema; `asking` is whose it is. */
export class FormPanel extends Panel<JsonObject> {
  readonly #asking: string;
  readonly #message: string;
  readonly #schema: JsonObject;
  readonly #fields: readonly FormField[];
  /** Behind the fields stand `Send` and `Decline`. */
  #focus = 0;
  #problems: readonly string[] = [];

  constructor(theme: Theme, asking: string, params: JsonObject) {
    super(theme);
    this.#asking = asking;
    this.#message = jsonText(params['message']);
    this.#schema = isJsonObject(params['requestedSchema']) ? params['requestedSchema'] : {};
    const properties = isJsonObject(this.#schema['properties']) ? this.#schema['properties'] : {};
    const required = Array.isArray(this.#schema['required']) ? this.#schema['required'] : [];
    this.#fields = Object.entries(properties).map(([name, schema]) =>
      createField(theme, name, isJsonObject(schema) ? schema : {}, required.includes(name)),
    );
  }

  dismiss(): void {
    this.settle({ action: 'cancel' });
  }

  handleInput(data: string): void {
    if (matchesKey(data, 'escape')) {
      this.dismiss();
      return;
    }
    if (this.#fields[this.#focus]?.handleInput(data)) return;
    if (matchesKey(data, 'up') || matchesKey(data, 'shift+tab')) this.#move(-1);
    else if (matchesKey(data, 'down') || matchesKey(data, 'tab')) this.#move(1);
    else if (matchesKey(data, 'enter')) this.#enter();
  }

  render(width: number): string[] {
    const { style, symbols } = this.theme;
    const lines = [
      this.rule(width),
      ...this.text(`${this.#asking} asks:`, width, 'bold'),
      ...this.text(this.#message, width),
    ];
    this.#fields.forEach((field, index) => {
      const focused = index === this.#focus;
      const sign = focused ? symbols.selected : ' ';
      const hint = field.hint === '' ? '' : style('dim', ` (${field.hint})`);
      lines.push(
        ...wrapTextWithAnsi(`${sign} ${focused ? style('bold', field.label) : field.label}${hint}`, width),
      );
      const control = field
        .render(Math.max(1, width - 4), focused)
        .flatMap((line) => wrapTextWithAnsi(line, Math.max(1, width - 4)));
      lines.push(...control.map((line) => `    ${line}`));
    });
    const buttons = ['Send', 'Decline'].map((label, index) => {
      const focused = this.#focus === this.#fields.length + index;
      return focused ? style(['bold', 'cyan'], `${symbols.selected} ${label}`) : `  ${label}`;
    });
    lines.push(this.cut(buttons.join('   '), width));
    for (const problem of this.#problems) lines.push(...this.text(problem, width, 'red'));
    const keys = [
      ['Tab', 'next'],
      ['Space', 'choose'],
      ['Enter', 'next, send'],
      ['Esc', 'cancel'],
    ] as const;
    return [...lines, ...this.keys(keys, width)];
  }

  #move(by: number): void {
    const count = this.#fields.length + 2;
    this.#focus = (this.#focus + by + count) % count;
  }

  #enter(): void {
    if (this.#focus < this.#fields.length) this.#move(1);
    else if (this.#focus === this.#fields.length) this.#send();
    else this.settle({ action: 'decline' });
  }

  #send(): void {
    const content: Record<string, FieldValue> = {};
    for (const field of this.#fields) {
      const value = field.value();
      if (value !== undefined) content[field.name] = value;
    }
    const validation = validateArguments(this.#schema, content);
    if (validation.type !== 'invalid') {
      this.settle({ action: 'accept', content });
      return;
    }
    this.#problems = validation.problems.map((problem) => problem.replace(/^arguments[.:]?\s*/, ''));
    const first = this.#fields.findIndex(({ name }) =>
      this.#problems.some((problem) => problem.includes(name)),
    );
    if (first !== -1) this.#focus = first;
  }
}
