/** A chat at a terminal: what is typed goes to the host, what its runs tell goes to the screen. */
import { basename } from 'node:path';

import { homeFolder } from '../../../config/environment.ts';
import { packageVersion } from '../../../config/package-version.ts';
import { messageOf } from '../../../errors.ts';
import { jsonText } from '../../../json.ts';
import type { RunEvent } from '../../event.ts';
import type { ChatFlags } from '../commands.ts';
import { type OpenedHost, openHost } from '../open-host.ts';
import { Person } from '../person.ts';
import { AnswerBlock } from './block/answer-block.ts';
import { LineBlock } from './block/line-block.ts';
import { TableBlock } from './block/table-block.ts';
import type { TerminalCapability } from './capability.ts';
import type { CommandContext } from './command/command.ts';
import { COMMANDS } from './command/command-list.ts';
import { Conversation } from './conversation.ts';
import { createHighlighter } from './highlight.ts';
import { ChatEditor } from './input/chat-editor.ts';
import { Completion } from './input/completion.ts';
import { FileNames } from './input/file-names.ts';
import { InputHistory } from './input/input-history.ts';
import { PastedTexts } from './input/pasted-text.ts';
import { keyListener } from './keys.ts';
import { LeaveIntent } from './leave-intent.ts';
import { ChoicePanel } from './panel/choice-panel.ts';
import { panelQuestions } from './panel/panel-questions.ts';
import { RequestLoop } from './request-loop.ts';
import { Screen } from './screen.ts';
import { watchServers } from './server-watch.ts';
import { StatusLine } from './status-line.ts';
import { createTheme, type Style, type Theme } from './theme.ts';
import { UsageMeter } from './usage-meter.ts';

export async function terminalChat(flags: ChatFlags, capability: TerminalCapability): Promise<void> {
  const highlighter = createHighlighter();
  const theme = createTheme(capability, highlighter);
  const screen = new Screen(theme);
  const panels = panelQuestions(theme, screen.tui, screen.panels);
  // Whether the config is trusted is asked before there is a screen.
  const person = new Person();
  await using opened = await openHost({
    ...flags,
    ownsTerminal: true,
    watchConfig: true,
    questions: {
      ask: (question) => panels.ask(question),
      elicit: (request) => panels.elicit(request),
      confirm: (question, signal) => (screen.started ? panels : person).confirm(question, signal),
    },
  });
  const chat = new TerminalChat(theme, screen, opened, flags);
  try {
    const loaded = highlighter.load().then(() => screen.tui.invalidate());
    await Promise.all([chat.talk(), loaded]);
  } finally {
    screen.stop();
  }
}

class TerminalChat {
  readonly #theme: Theme;
  readonly #screen: Screen;
  readonly #opened: OpenedHost;
  readonly #conversation: Conversation;
  readonly #meter = new UsageMeter();
  readonly #pasted = new PastedTexts();
  readonly #editor: ChatEditor;
  readonly #history: InputHistory;
  readonly #leaveIntent = new LeaveIntent();
  readonly #left = Promise.withResolvers<void>();
  /** Ends what watches in the background. */
  readonly #ended = new AbortController();
  readonly #requests: RequestLoop;
  #modelId = '';
  #contextWindowTokens: number | undefined;

  constructor(theme: Theme, screen: Screen, opened: OpenedHost, flags: ChatFlags) {
    this.#theme = theme;
    this.#screen = screen;
    this.#opened = opened;
    this.#conversation = new Conversation(opened.host, flags, opened.signal);
    this.#editor = new ChatEditor(screen.tui, theme, this.#pasted);
    this.#history = new InputHistory(homeFolder(), (text) => masked(opened, text));
    const commands = this.#commandContext();
    this.#requests = new RequestLoop({
      theme,
      screen,
      opened,
      conversation: this.#conversation,
      commands,
      workingFolder: process.cwd(),
      signal: this.#ended.signal,
      onEvent: (event) => this.#follow(event),
      onCommand: () => this.#lookUpModel(),
    });
    this.#editor.setAutocompleteProvider(
      new Completion({
        registry: opened.host.registry,
        files: new FileNames(process.cwd()),
        commands: COMMANDS,
        valuesOf: async (command) => (await command.complete?.(commands)) ?? [],
        onFailure: (thrown) => this.#logFailure('completion-failed', thrown),
      }),
    );
  }

  /** Resolves when the person has left, or the terminal has, and no run goes on. */
  async talk(): Promise<void> {
    for (const request of await this.#history.load()) this.#editor.addToHistory(request);
    this.#editor.onSubmit = (text) => this.#submit(text);
    const status = new StatusLine(this.#theme, () => ({
      model: this.#modelId,
      spent: this.#meter.spent,
      contextWindowTokens: this.#contextWindowTokens,
      place: basename(process.cwd()),
    }));
    this.#opened.signal.addEventListener('abort', () => this.#leave(), { once: true });
    this.#screen.tui.addInputListener(this.#keys());
    this.#screen.start({ editor: this.#editor, status });
    this.#watchInput();
    this.#greet();
    this.#connect();
    await this.#left.promise;
    this.#ended.abort();
    this.#screen.panels.close();
    this.#requests.stop('The chat was left.');
    await this.#requests.idle;
  }

  /** Makes the catalog known, for completion, and tells what becomes of the servers. */
  #connect(): void {
    const { registry } = this.#opened.host;
    const { signal } = this.#ended;
    this.#background(() => registry.ready({ signal }));
    this.#background(() =>
      watchServers(registry, signal, (line, trouble) => this.#say(line, trouble ? 'yellow' : 'dim')),
    );
    this.#background(async () => {
      for await (const { message, level } of this.#opened.host.notices(signal)) {
        this.#say(message, level === 'warn' ? 'yellow' : 'dim');
        await this.#lookUpModel();
      }
    });
  }

  #greet(): void {
    this.#say(`Switchyard ${packageVersion()}. /help lists commands and keys.`, 'dim');
    this.#background(async () => {
      const { choice } = await this.#opened.host.models();
      this.#say(choice, choice.startsWith('Model:') ? 'dim' : 'yellow');
      await this.#lookUpModel();
    });
  }

  #follow(event: RunEvent): void {
    this.#meter.count(event);
    if (event.type === 'model-end') this.#modelId = event.model;
  }

  async #lookUpModel(): Promise<void> {
    const found = (await this.#opened.host.models()).get(this.#conversation.model);
    this.#modelId = found?.id ?? 'no model';
    this.#contextWindowTokens = found?.limits.contextWindowTokens;
    this.#screen.draw();
  }

  /** The end of input answers no to what is asked; the run goes on, and the chat ends behind it. */
  #watchInput(): void {
    const ended = (): void => {
      this.#screen.panels.close();
      void this.#requests.idle.then(() => this.#leave());
    };
    process.stdin.once('end', ended);
    process.stdin.once('close', ended);
    process.stdin.once('error', ended);
  }

  #submit(shown: string): void {
    if (shown === '') return;
    this.#editor.addToHistory(shown);
    if (!this.#pasted.within(shown)) this.#background(() => this.#history.add(shown));
    this.#requests.send({ shown, text: this.#pasted.expand(shown) });
  }

  #keys(): ReturnType<typeof keyListener> {
    return keyListener({
      interrupt: () => this.#interrupt(),
      endOfInput: () => {
        if (this.#screen.panels.open || !this.#editor.empty) return false;
        this.#leave();
        return true;
      },
      takeBack: () => this.#takeBack(),
      toggleLast: () => {
        this.#screen.transcript.toggleLast();
        return true;
      },
      toggleAll: () => {
        this.#screen.transcript.toggleAll();
        return true;
      },
      suspend: () => {
        this.#screen.suspend();
        return true;
      },
    });
  }

  #interrupt(): boolean {
    if (this.#leaveIntent.confirmed()) {
      this.#leave();
    } else if (this.#requests.running) {
      this.#screen.activity.stopping();
      this.#requests.stop('Stopped.');
    } else if (this.#screen.panels.open) {
      this.#screen.panels.dismissOpen();
    } else if (!this.#editor.empty) {
      this.#editor.setText('');
    } else {
      this.#say('Ctrl-C again leaves.', 'dim');
    }
    this.#screen.draw();
    return true;
  }

  /** Esc closes a list of completions and answers a panel; only else it is for what waits. */
  #takeBack(): boolean {
    if (this.#screen.panels.open || this.#editor.isShowingAutocomplete() || this.#screen.queued.empty)
      return false;
    const request = this.#screen.queued.takeLast();
    if (request) this.#editor.setText(request.shown);
    this.#screen.draw();
    return true;
  }

  #commandContext(): CommandContext {
    return {
      opened: this.#opened,
      signal: this.#ended.signal,
      conversation: this.#conversation,
      spent: () => this.#meter.spent,
      contextWindowTokens: () => this.#contextWindowTokens,
      say: (text, style) => this.#say(text, style),
      table: (rows) => this.#screen.transcript.add(new TableBlock(this.#theme, rows)),
      markdown: (text) => {
        const block = new AnswerBlock(this.#theme);
        block.setText(text);
        this.#screen.transcript.add(block);
      },
      choose: (title, choices) => this.#screen.panels.ask(new ChoicePanel(this.#theme, title, choices)),
      startOver: () => {
        this.#conversation.forget();
        this.#meter.forgetContext();
        this.#screen.transcript.clear();
        this.#greet();
      },
      leave: () => this.#leave(),
    };
  }

  #say(text: string, style?: Style): void {
    this.#screen.transcript.add(new LineBlock(this.#theme, text, style === undefined ? {} : { style }));
  }

  #logFailure(event: string, thrown: unknown): void {
    this.#opened.log.sink({
      level: 'warn',
      component: 'chat',
      event,
      fields: { message: messageOf(thrown) },
    });
  }

  /** Work that nobody waits for; what goes wrong is said. */
  #background(work: () => Promise<void>): void {
    work().catch((thrown: unknown) => {
      if (!this.#ended.signal.aborted) this.#say(messageOf(thrown), 'red');
    });
  }

  #leave(): void {
    this.#left.resolve();
  }
}

function masked({ host }: OpenedHost, text: string): string {
  return jsonText(host.guards.redact({ text })['text']);
}
