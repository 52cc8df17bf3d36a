/** The fields of an elicitation form (spec: client/elicitation, "Requested Schema"): one for each kind of primitive. */
import { Input, matchesKey } from '@earendil-works/pi-tui';

import type { JsonObject } from '../../../../json.ts';
import { isJsonObject, jsonText } from '../../../../json.ts';
import { printable } from '../../terminal.ts';
import type { Theme } from '../theme.ts';

export type FieldValue = string | number | boolean | readonly string[];

export interface FormField {
  readonly name: string;
  readonly label: string;
  /** What is expected, in words. */
  readonly hint: string;
  /** Undefined: left empty. */
  value(): FieldValue | undefined;
  /** The lines of its control. */
  render(width: number, focused: boolean): string[];
  /** True where the key was for the control; else it may move between fields. */
  handleInput(data: string): boolean;
}

export function createField(theme: Theme, name: string, schema: JsonObject, required: boolean): FormField {
  const choices = choicesOf(schema);
  const base = {
    name,
    label: printable(jsonText(schema['title'] ?? name)),
    hint: [printable(jsonText(schema['description'])), limitsOf(schema), required ? 'required' : '']
      .filter((part) => part !== '')
      .join('; '),
  };
  if (schema['type'] === 'boolean') {
    const options = [
      { value: 'true', label: 'yes' },
      { value: 'false', label: 'no' },
    ];
    const field = singleChoice(theme, options, jsonText(schema['default']));
    return {
      ...base,
      ...field,
      value: () => (field.value() === undefined ? undefined : field.value() === 'true'),
    };
  }
  if (schema['type'] === 'array') return { ...base, ...multiChoice(theme, choices ?? [], schema['default']) };
  if (choices) return { ...base, ...singleChoice(theme, choices, jsonText(schema['default'])) };
  const numeric = schema['type'] === 'number' || schema['type'] === 'integer';
  return { ...base, ...textInput(numeric, jsonText(schema['default'])) };
}

interface Option {
  readonly value: string;
  readonly label: string;
}

type Control = Pick<FormField, 'render' | 'handleInput'>;

function textInput(numeric: boolean, initial: string): Control & { value(): FieldValue | undefined } {
  const input = new Input({ prompt: '' });
  input.setValue(initial);
  return {
    value() {
      const text = input.getValue();
      if (text === '') return undefined;
      // What is no number stays text, so that validation can say so.
      return numeric && Number.isFinite(Number(text)) ? Number(text) : text;
    },
    render(width, focused) {
      input.focused = focused;
      // The library shows its cursor also where the keys go elsewhere.
      return focused ? input.render(width) : [printable(input.getValue())];
    },
    handleInput(data) {
      if (MOVES.some((key) => matchesKey(data, key))) return false;
      input.handleInput(data);
      return true;
    },
  };
}

function singleChoice(
  theme: Theme,
  options: readonly Option[],
  initial: string,
): Control & { value(): string | undefined } {
  const signs = [theme.symbols.checked, theme.symbols.unchecked] as const;
  let chosen = options.findIndex((option) => option.value === initial);
  const move = (by: number): void => {
    const from = chosen === -1 && by < 0 ? 0 : chosen;
    if (options.length > 0) chosen = (from + by + options.length) % options.length;
  };
  return {
    value: () => options[chosen]?.value,
    render: (_width, focused) => [
      options
        .map(({ label }, index) =>
          optionText(theme, label, signs[index === chosen ? 0 : 1], focused && index === chosen),
        )
        .join('  '),
    ],
    handleInput(data) {
      if (matchesKey(data, 'left')) move(-1);
      else if (matchesKey(data, 'right') || matchesKey(data, 'space')) move(1);
      else return false;
      return true;
    },
  };
}

function multiChoice(
  theme: Theme,
  options: readonly Option[],
  initial: unknown,
): Control & { value(): readonly string[] | undefined } {
  const chosen = new Set(Array.isArray(initial) ? initial.map(String) : []);
  const signs = [theme.symbols.marked, theme.symbols.unmarked] as const;
  let cursor = 0;
  return {
    value: () => {
      const values = options.map(({ value }) => value).filter((value) => chosen.has(value));
      return values.length === 0 ? undefined : values;
    },
    render: (_width, focused) => [
      options
        .map(({ value, label }, index) =>
          optionText(theme, label, signs[chosen.has(value) ? 0 : 1], focused && index === cursor),
        )
        .join('  '),
    ],
    handleInput(data) {
      const option = options[cursor];
      if (matchesKey(data, 'left')) cursor = Math.max(0, cursor - 1);
      else if (matchesKey(data, 'right')) cursor = Math.min(options.length - 1, cursor + 1);
      else if (matchesKey(data, 'space') && option) {
        if (!chosen.delete(option.value)) chosen.add(option.value);
      } else return false;
      return true;
    },
  };
}

function optionText({ style }: Theme, label: string, sign: string, marked: boolean): string {
  const text = `${sign} ${printable(label)}`;
  return marked ? style(['bold', 'cyan'], text) : text;
}

/** `enum` with or without `enumNames`, `oneOf` and `anyOf` of titled constants; of the items, where it is a list. */
function choicesOf(schema: JsonObject): readonly Option[] | undefined {
  const source = isJsonObject(schema['items']) ? schema['items'] : schema;
  const titled = source['oneOf'] ?? source['anyOf'];
  if (Array.isArray(titled))
    return titled.filter(isJsonObject).map((option) => ({
      value: jsonText(option['const']),
      label: jsonText(option['title'] ?? option['const']),
    }));
  const values = source['enum'];
  if (!Array.isArray(values)) return undefined;
  const names = Array.isArray(source['enumNames']) ? source['enumNames'] : [];
  return values.map((value, index) => ({ value: String(value), label: String(names[index] ?? value) }));
}

function limitsOf(schema: JsonObject): string {
  const kind = schema['type'] === 'integer' ? 'whole number' : schema['type'] === 'number' ? 'number' : '';
  const words = [kind, jsonText(schema['format'])];
  for (const [key, text] of LIMITS) {
    if (schema[key] !== undefined) words.push(`${text} ${jsonText(schema[key])}`);
  }
  return words.filter((word) => word !== '').join(', ');
}

const LIMITS = [
  ['minimum', 'from'],
  ['maximum', 'to'],
  ['minLength', 'characters from'],
  ['maxLength', 'characters to'],
  ['minItems', 'choices from'],
  ['maxItems', 'choices to'],
] as const;

/** Keys that belong to the form and not to a line of text. */
const MOVES = ['up', 'down', 'tab', 'shift+tab', 'enter', 'escape'] as const;
