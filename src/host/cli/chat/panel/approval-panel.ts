import { Editor, matchesKey, type TUI, wrapTextWithAnsi } from '@earendil-works/pi-tui';

import { messageOf } from '../../../../errors.ts';
import { isJsonObject, type JsonObject } from '../../../../json.ts';
import type { ApprovalAnswer, ApprovalQuestion } from '../../../tool-call/policy.ts';
import { alwaysKeys, alwaysMeaning } from '../../always-keys.ts';
import { lookAlikes } from '../look-alikes.ts';
import { oneLine, revealed } from '../../terminal.ts';
import { Panel } from './panel.ts';
import { ScrollWindow } from './scroll-window.ts';
import type { Style, Theme } from '../theme.ts';

/** Longer arguments cannot be edited: every key would lay all of them out again. */
const MAX_EDITED_CHARACTERS = 100_000;
/** More is not read by a person who decides; the panel says so. */
const MAX_SHOWN_CHARACTERS = 200_000;
/** Of one argument beside a diff. */
const MAX_VALUE_CHARACTERS = 200;

/** Asks about one tool call: what it would do, and y / n / a / s / w / e. */
export class ApprovalPanel extends Panel<ApprovalAnswer> {
  readonly #question: ApprovalQuestion;
  readonly #tui: TUI;
  readonly #waiting: () => number;
  readonly #window = new ScrollWindow();
  #editor: Editor | undefined;
  #problem = '';
  #shown: { readonly width: number; readonly lines: string[] } | undefined;

  constructor(options: {
    readonly theme: Theme;
    readonly tui: TUI;
    readonly question: ApprovalQuestion;
    /** How many questions wait behind this one. */
    readonly waiting: () => number;
  }) {
    super(options.theme);
    this.#question = options.question;
    this.#tui = options.tui;
    this.#waiting = options.waiting;
  }

  dismiss(): void {
    this.settle({ type: 'no' });
  }

  handleInput(data: string): void {
    if (this.#editor) {
      if (matchesKey(data, 'escape')) this.#stopEditing();
      else this.#editor.handleInput(data);
      return;
    }
    const { problem } = this.#question;
    const always = alwaysKeys(this.#question).find(({ key }) => matchesKey(data, key));
    if (matchesKey(data, 'y') && problem === undefined) this.settle({ type: 'yes' });
    else if (matchesKey(data, 'n') || matchesKey(data, 'escape')) this.settle({ type: 'no' });
    else if (always !== undefined) this.settle({ type: 'always', scope: always.scope });
    else if (matchesKey(data, 'e')) this.#edit();
    else this.#window.handleInput(data);
  }

  render(width: number): string[] {
    const { style } = this.theme;
    const { name, server, title, destructive, reason, problem } = this.#question;
    const heading = [
      ...this.text(`Allow ${name} of the server ${server}?`, width, 'bold'),
      ...(title === name ? [] : this.text(oneLine(title, 200), width, 'dim')),
      ...(destructive ? this.text('It may change or delete what is there.', width, 'yellow') : []),
      ...(reason === undefined ? [] : this.text(reason, width)),
      ...(problem === undefined ? [] : this.text(`These arguments cannot be used: ${problem}`, width, 'red')),
    ];
    const footer = this.#footer(width);
    if (this.#editor) return [this.rule(width), ...heading, ...this.#editor.render(width), ...footer];
    // What is asked has to be seen whole: the panel takes what the terminal has, and the rest is scrolled to.
    const height = Math.max(3, this.#tui.terminal.rows - heading.length - footer.length - 3);
    const body = this.#window.render(this.#body(width), height, this.theme);
    return [this.rule(width), ...heading, ...body, style('dim', '─'.repeat(width)), ...footer];
  }

  #footer(width: number): string[] {
    const waiting = this.#waiting();
    const { problem: unusable } = this.#question;
    const always = alwaysMeaning(this.#question);
    const more = waiting === 0 ? [] : this.text(`${waiting} more to decide after this one`, width, 'dim');
    const problem = this.#problem === '' ? [] : this.text(this.#problem, width, 'red');
    const keys = this.#editor
      ? ([
          ['Enter', 'run it with these arguments'],
          ['Ctrl-J', 'new line'],
          ['Esc', 'back'],
        ] as const)
      : ([
          ...(unusable === undefined ? ([['y', 'yes']] as const) : []),
          ['n', 'no'],
          ...alwaysKeys(this.#question).map(({ key, label }) => [key, label] as const),
          ['e', 'edit the arguments'],
        ] as const);
    const consequence = always === undefined || this.#editor ? [] : this.text(always, width, 'dim');
    return [...problem, ...more, ...this.keys(keys, width), ...consequence];
  }

  /** Nothing that a decision may hang on is left out: hidden characters stand there as escapes. */
  #body(width: number): string[] {
    if (this.#shown?.width !== width) this.#shown = { width, lines: this.#layOut(width) };
    return this.#shown.lines;
  }

  #layOut(width: number): string[] {
    const { diff, arguments: args } = this.#question;
    const similar = lookAlikes(`${JSON.stringify(args)}${diff ?? ''}`);
    const warning = `Letters of another alphabet that look like Latin ones: ${similar.join(', ')}`;
    return [
      ...(similar.length > 0 ? this.text(warning, width, 'yellow') : []),
      ...(diff === undefined
        ? this.#revealed(JSON.stringify(args, null, 2), width, () => 'dim')
        : [
            // A diff of another's making may not show all of them.
            ...Object.entries(args).flatMap(([name, value]) =>
              this.#revealed(`${name}: ${shortened(JSON.stringify(value))}`, width, () => 'dim'),
            ),
            ...this.#revealed(diff, width, diffStyle),
          ]),
    ];
  }

  #revealed(text: string, width: number, styleOf: (line: string) => Style | undefined): string[] {
    const { style } = this.theme;
    const head = text.slice(0, MAX_SHOWN_CHARACTERS);
    const cut =
      head.length < text.length
        ? [style('yellow', `Only the first ${MAX_SHOWN_CHARACTERS} of ${text.length} characters are shown.`)]
        : [];
    const lines = head.split('\n').flatMap((line) => {
      const lineStyle = styleOf(line);
      const wrapped = wrapTextWithAnsi(revealed(line).replaceAll('\t', '  '), Math.max(1, width));
      return lineStyle === undefined ? wrapped : wrapped.map((part) => style(lineStyle, part));
    });
    return [...cut, ...lines];
  }

  #edit(): void {
    const text = JSON.stringify(this.#question.arguments, null, 2);
    if (text.length > MAX_EDITED_CHARACTERS) {
      this.#problem = `These arguments have ${text.length} characters; only up to ${MAX_EDITED_CHARACTERS} can be edited here.`;
      return;
    }
    const editor = new Editor(this.#tui, this.theme.editor);
    editor.setText(revealed(text));
    editor.focused = true;
    editor.onSubmit = (edited) => this.#submit(edited);
    this.#problem = '';
    this.#editor = editor;
  }

  #stopEditing(): void {
    this.#editor = undefined;
    this.#problem = '';
  }

  #submit(text: string): void {
    const parsed = parseArguments(text);
    if (parsed.type === 'arguments') {
      this.settle({ type: 'edit', arguments: parsed.arguments });
      return;
    }
    // A submit empties the editor.
    this.#editor?.setText(text);
    this.#problem = parsed.problem;
  }
}

function shortened(value: string): string {
  return value.length <= MAX_VALUE_CHARACTERS
    ? value
    : `${value.slice(0, MAX_VALUE_CHARACTERS)}… (${value.length} characters)`;
}

function parseArguments(
  text: string,
):
  | { readonly type: 'arguments'; readonly arguments: JsonObject }
  | { readonly type: 'problem'; readonly problem: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return { type: 'arguments', arguments: value };
    return { type: 'problem', problem: 'Arguments are a JSON object: {"name": value, …}.' };
  } catch (thrown) {
    return { type: 'problem', problem: `That is not JSON: ${messageOf(thrown)}` };
  }
}

function diffStyle(line: string): Style | undefined {
  if (/^(\+\+\+|---|diff |index )/.test(line)) return 'bold';
  if (line.startsWith('@@')) return 'cyan';
  if (line.startsWith('+')) return 'green';
  return line.startsWith('-') ? 'red' : undefined;
}
