/** A chat at a terminal: what is typed goes to the host, what its runs tell goes to the screen. */
import { basename } from 'node:path';

import { homeFolder } from '../../../config/environment.ts';
import { packageVersion } from '../../../config/package-version.ts';
import { messageOf } from '../../../errors.ts';
import { jsonText } from '../../../json.ts';
import type { RunEvent } from '../../event.ts';
import type { SessionSummary } from '../../session/contract.ts';
import type { ChatFlags } from '../commands.ts';
import { type OpenedHost, openHost } from '../open-host.ts';
import { Person } from '../person.ts';
import { sessionOf } from '../run.ts';
import { LineBlock } from './block/line-block.ts';
import { TableBlock } from './block/table-block.ts';
import type { TerminalCapability } from './capability.ts';
import type { CommandContext } from './command/command.ts';
import { chooseSession } from './command/session.ts';
import { Conversation } from './conversation.ts';
import { CUT_OFF, goOnWith } from './go-on.ts';
import { createHighlighter, type Highlighter } from './highlight.ts';
import { ChatEditor } from './input/chat-editor.ts';
import { chatCompletion } from './input/chat-completion.ts';
import { InputHistory } from './input/input-history.ts';
import { PastedTexts } from './input/pasted-text.ts';
import { keyListener } from './keys.ts';
import { ChoicePanel } from './panel/choice-panel.ts';
import { panelQuestions } from './panel/panel-questions.ts';
import { RequestLoop } from './request-loop.ts';
import { Screen } from './screen.ts';
import { showSession } from './session-view.ts';
import { watchHost } from './host-watch.ts';
import { StatusLine } from './status-line.ts';
import { createTheme, type Style, type Theme } from './theme.ts';
import { callable, workflowRemarks } from './workflow-command.ts';
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
    watchConfig: 'ask',
    questions: {
      ask: (question) => panels.ask(question),
      elicit: (request) => panels.elicit(request),
      confirm: (question, signal) => (screen.started ? panels : person).confirm(question, signal),
    },
  });
  const chat = new TerminalChat({ theme, highlighter, screen, opened, flags });
  try {
    await chat.talk();
  } finally {
    screen.stop();
  }
  const { sessionId } = chat;
  if (sessionId !== undefined) opened.output.status(goOnWith(sessionId));
}

interface TerminalChatOptions {
  readonly theme: Theme;
  readonly highlighter: Highlighter;
  readonly screen: Screen;
  readonly opened: OpenedHost;
  readonly flags: ChatFlags;
}

class TerminalChat {
  readonly #theme: Theme;
  readonly #highlighter: Highlighter;
  readonly #screen: Screen;
  readonly #opened: OpenedHost;
  readonly #conversation: Conversation;
  readonly #flags: ChatFlags;
  readonly #meter = new UsageMeter();
  readonly #pasted = new PastedTexts();
  readonly #editor: ChatEditor;
  readonly #history: InputHistory;
  readonly #left = Promise.withResolvers<void>();
  /** Ends what watches in the background. */
  readonly #ended = new AbortController();
  readonly #requests: RequestLoop;
  #toldRemarks: string | undefined;
  #modelId = '';
  /** Name of the session, else the working folder. */
  #place = basename(process.cwd());
  #contextWindowTokens: number | undefined;

  constructor({ theme, highlighter, screen, opened, flags }: TerminalChatOptions) {
    this.#theme = theme;
    this.#highlighter = highlighter;
    this.#screen = screen;
    this.#opened = opened;
    this.#flags = flags;
    this.#conversation = new Conversation({
      host: opened.host,
      flags,
      signal: opened.signal,
      kept: true,
      onNotKept: (reason) => this.#say(`This conversation is not kept: ${reason}`, 'yellow'),
    });
    this.#editor = new ChatEditor(screen.tui, theme, this.#pasted);
    this.#history = new InputHistory(homeFolder(), (text) => masked(opened, text));
    const commands = (signal: AbortSignal): CommandContext => this.#commandContext(signal);
    this.#requests = new RequestLoop({
      theme,
      screen,
      opened,
      conversation: this.#conversation,
      commands,
      workingFolder: process.cwd(),
      signal: this.#ended.signal,
      onEvent: (event) => this.#follow(event),
      onCommand: () => this.#refresh(),
    });
    this.#editor.setAutocompleteProvider(chatCompletion(opened, () => commands(this.#ended.signal)));
  }

  get sessionId(): string | undefined {
    return this.#conversation.sessionId;
  }

  /** Resolves when the person has left, or the terminal has, and no run goes on. */
  async talk(): Promise<void> {
    for (const request of await this.#history.load()) this.#editor.addToHistory(request);
    this.#editor.onSubmit = (text) => this.#submit(text);
    const status = new StatusLine(this.#theme, () => ({
      model: this.#modelId,
      spent: this.#meter.spent,
      contextWindowTokens: this.#contextWindowTokens,
      place: this.#place,
    }));
    const { signal } = this.#opened;
    if (signal.aborted) this.#leave();
    else signal.addEventListener('abort', () => this.#leave(), { once: true });
    this.#screen.tui.addInputListener(
      keyListener({
        screen: this.#screen,
        editor: this.#editor,
        requests: this.#requests,
        hint: (text) => this.#say(text, 'dim'),
        leave: () => this.#leave(),
      }),
    );
    this.#screen.start({ editor: this.#editor, status });
    this.#watchInput();
    this.#greet();
    this.#background(() =>
      watchHost({
        host: this.#opened.host,
        signal: this.#ended.signal,
        tell: (line, trouble) => this.#say(line, trouble ? 'yellow' : 'dim'),
        onConfig: () => {
          this.#tellRemarks();
          this.#background(() => this.#lookUpModel());
        },
      }),
    );
    this.#background(async () => {
      await this.#highlighter.load();
      this.#screen.tui.invalidate();
      this.#screen.draw();
    });
    this.#background(() => this.#resumeAsked());
    await this.#left.promise;
    this.#ended.abort('The chat was left.');
    this.#screen.panels.close();
    await this.#requests.idle;
  }

  #greet(): void {
    this.#say(`Switchyard ${packageVersion()}. /help lists commands and keys.`, 'dim');
    const { workflow } = this.#conversation;
    if (workflow !== undefined) this.#say(`Lines go to the workflow ${workflow}.`, 'dim');
    this.#tellRemarks();
    this.#background(async () => {
      const { choice } = await this.#opened.host.models();
      this.#say(choice, choice.startsWith('Model:') ? 'dim' : 'yellow');
      await this.#lookUpModel();
    });
  }

  #tellRemarks(): void {
    const remarks = workflowRemarks(this.#opened.host);
    if (remarks !== undefined && remarks !== this.#toldRemarks) this.#say(remarks, 'yellow');
    this.#toldRemarks = remarks;
  }

  #follow(event: RunEvent): void {
    this.#meter.count(event);
    if (event.type === 'model-end') this.#modelId = event.model;
  }

  /** What the status line tells of the conversation, which a command may have changed. */
  async #refresh(): Promise<void> {
    const { sessionId } = this.#conversation;
    const session = sessionId === undefined ? undefined : await this.#opened.host.sessions.get(sessionId);
    this.#place = session?.name ?? basename(process.cwd());
    await this.#lookUpModel();
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
    for (const event of ['end', 'close', 'error']) process.stdin.on(event, ended);
  }

  #submit(shown: string): void {
    if (shown === '') return;
    this.#editor.addToHistory(shown);
    if (!this.#pasted.within(shown)) this.#background(() => this.#history.add(shown));
    this.#requests.send({ shown, text: this.#pasted.expand(shown) });
  }

  #commandContext(signal: AbortSignal): CommandContext {
    return {
      opened: this.#opened,
      signal,
      conversation: this.#conversation,
      workingFolder: process.cwd(),
      workflows: () => callable(this.#opened.host.workflows),
      spent: () => this.#meter.spent,
      contextWindowTokens: () => this.#contextWindowTokens,
      say: (text, style) => this.#say(text, style),
      table: (rows) => this.#screen.transcript.add(new TableBlock(this.#theme, rows)),
      choose: (title, choices) =>
        this.#screen.panels.ask(new ChoicePanel(this.#theme, title, choices), signal),
      follow: (start, from) => this.#requests.follow(start, signal, from),
      startOver: () => this.#startOver(),
      resume: (session) => this.#resume(session),
      leave: () => this.#leave(),
    };
  }

  #startOver(): void {
    this.#conversation.forget();
    this.#meter.forgetContext();
    this.#screen.transcript.clear();
    this.#greet();
  }

  async #resume(session: SessionSummary): Promise<void> {
    const runs = await this.#opened.host.sessions.transcript(session.id);
    this.#startOver();
    this.#conversation.resume(session);
    showSession(runs, this.#theme, this.#screen.transcript);
    if ((await this.#opened.host.archive.cutOff(session.id)) !== undefined) this.#say(CUT_OFF, 'yellow');
    await this.#refresh();
  }

  /** The session that the command line asks for. */
  async #resumeAsked(): Promise<void> {
    const { sessions } = this.#opened.host;
    const id = this.#flags.resume
      ? await chooseSession(this.#commandContext(this.#ended.signal))
      : await sessionOf(this.#flags, {
          host: this.#opened.host,
          output: { ...this.#opened.output, status: (text) => this.#say(text, 'dim') },
        });
    if (id !== undefined) await this.#resume(await sessions.get(id));
  }

  #say(text: string, style?: Style): void {
    this.#screen.transcript.add(new LineBlock(this.#theme, text, style === undefined ? {} : { style }));
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
