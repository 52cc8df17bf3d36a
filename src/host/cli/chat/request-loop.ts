/** Works off what a person sends, one after the other: commands, prompts of servers, and requests to the host. */
import { HostError, messageOf } from '../../../errors.ts';
import type { PromptEntry } from '../../../registry/contract.ts';
import type { Json } from '../../../json.ts';
import type { RunHandle, RunOutcome } from '../../engine/engine.ts';
import type { RunEvent } from '../../event.ts';
import type { Attachment } from '../../workflow/attachment.ts';
import { outputText } from '../../workflow/said.ts';
import { goingOn } from '../going-on.ts';
import type { OpenedHost } from '../open-host.ts';
import { AnswerBlock } from './block/answer-block.ts';
import { LineBlock } from './block/line-block.ts';
import { RequestBlock } from './block/request-block.ts';
import type { CommandContext } from './command/command.ts';
import { isCommandLine, parseCommand } from './command/command-list.ts';
import type { Answer, Conversation } from './conversation.ts';
import { unknownCommand, type WorkflowLine, workflowLineOf } from './workflow-command.ts';
import { attachmentsOf } from './input/mention.ts';
import { parsePromptArguments, promptName, requestOfPrompt } from './input/prompt-command.ts';
import type { Request } from './queued-requests.ts';
import { RunView } from './run-view.ts';
import type { Screen } from './screen.ts';
import type { Style, Theme } from './theme.ts';

export interface RequestLoopOptions {
  readonly theme: Theme;
  readonly screen: Screen;
  readonly opened: OpenedHost;
  readonly conversation: Conversation;
  readonly commands: (signal: AbortSignal) => CommandContext;
  readonly workingFolder: string;
  /** Aborts with a reason in words when the chat is left. */
  readonly signal: AbortSignal;
  /** Told of every event of every run. */
  readonly onEvent: (event: RunEvent) => void;
  /** Told when a command has run, which may have changed anything. */
  readonly onCommand: () => Promise<void>;
}

export class RequestLoop {
  readonly #options: RequestLoopOptions;
  #work: Promise<void> | undefined;
  /** The last answer of the last run, as it is shown. */
  #lastSaid: string | undefined;
  /** Stops what is being worked on. */
  #stop: AbortController | undefined;

  constructor(options: RequestLoopOptions) {
    this.#options = options;
  }

  /** Whether there is something that can be stopped. */
  get running(): boolean {
    return this.#stop !== undefined;
  }

  /** Resolves when nothing is being worked on. */
  get idle(): Promise<void> {
    return this.#work ?? Promise.resolve();
  }

  /** Waits behind what is being worked on. */
  send(request: Request): void {
    const { screen } = this.#options;
    if (this.#work) screen.queued.add(request);
    else this.#work = this.#workOff(request);
    screen.draw();
  }

  /** Whoever waits for an answer is told the reason. */
  stop(reason: string): void {
    this.#stop?.abort(reason);
  }

  /** Shows a run from an event, by default the first, to its end. An abort cancels it, with the reason. */
  async follow<Output extends Json>(
    start: () => Promise<RunHandle<Output>>,
    signal: AbortSignal,
    from?: number,
  ): Promise<RunOutcome<Output>> {
    const { screen, theme, onEvent } = this.#options;
    const view = new RunView(theme, screen.transcript);
    screen.activity.start(() => (screen.panels.open ? 'asking' : view.activity));
    screen.tickWith(() => view.tick());
    try {
      const handle = await start();
      const cancel = (): void => handle.cancel(String(signal.reason));
      if (signal.aborted) cancel();
      else signal.addEventListener('abort', cancel, { once: true });
      for await (const event of handle.events(from)) {
        onEvent(event);
        view.show(event);
        screen.draw();
      }
      signal.removeEventListener('abort', cancel);
      return await handle.result;
    } finally {
      view.end();
      this.#lastSaid = view.lastSaid;
      screen.activity.end();
      screen.endTicking();
    }
  }

  async #workOff(first: Request): Promise<void> {
    const { screen, signal } = this.#options;
    for (let request: Request | undefined = first; request; request = screen.queued.next()) {
      const stop = new AbortController();
      const either = AbortSignal.any([signal, stop.signal]);
      this.#stop = stop;
      try {
        await this.#handle(request, either);
      } catch (thrown) {
        if (either.aborted) this.#say(String(either.reason), 'yellow');
        else this.#say(messageOf(thrown), 'red');
      } finally {
        this.#stop = undefined;
      }
      if (signal.aborted) break;
    }
    this.#work = undefined;
    screen.draw();
  }

  async #handle({ shown, text }: Request, signal: AbortSignal): Promise<void> {
    const { screen, theme, workingFolder, opened } = this.#options;
    const { workflow } = this.#options.conversation;
    if (!isCommandLine(text) && workflow !== undefined) {
      screen.transcript.add(new RequestBlock(theme, shown));
      await this.#runWorkflow({ workflow, text }, signal);
      return;
    }
    if (!isCommandLine(text)) {
      const attachments = attachmentsOf(shown, workingFolder, opened.host.registry.catalog());
      screen.transcript.add(new RequestBlock(theme, shown, attachments.map(nameOf)));
      await this.#answer(text, attachments, signal);
      return;
    }
    screen.transcript.add(new RequestBlock(theme, shown));
    const prompt = await this.#promptOf(text, signal);
    if (prompt) await this.#ask(prompt, text, signal);
    else await this.#run(text, signal);
  }

  async #run(line: string, signal: AbortSignal): Promise<void> {
    const { workflows } = this.#options.opened.host;
    const workflow = workflowLineOf(line, workflows);
    if (workflow !== undefined) {
      await this.#runWorkflow(workflow, signal);
      return;
    }
    const parsed = parseCommand(line);
    if (parsed === undefined) throw unknownCommand(line, workflows);
    const { command, argument } = parsed;
    await command.run(argument, this.#options.commands(signal));
    await this.#options.onCommand();
  }

  async #runWorkflow({ workflow, text }: WorkflowLine, signal: AbortSignal): Promise<void> {
    const { conversation, screen, theme } = this.#options;
    let handle: RunHandle | undefined;
    const start = async (): Promise<RunHandle> => {
      handle = await conversation.run(workflow, text);
      return handle;
    };
    const outcome = await this.follow(start, signal);
    if (handle === undefined) return;
    conversation.workflowEnded(handle, outcome);
    if (outcome.type !== 'done') await this.#tellEnd(outcome);
    else if (shownOutput(outcome.output) !== this.#lastSaid)
      screen.transcript.add(answerBlock(theme, outcome.output));
  }

  async #promptOf(line: string, signal: AbortSignal): Promise<PromptEntry | undefined> {
    const [, name = ''] = /^\/(\S*)/.exec(line) ?? [];
    if (!name.includes(':')) return undefined;
    const { registry } = this.#options.opened.host;
    await registry.ready({ signal });
    const { prompts } = registry.catalog();
    const found = prompts.find((entry) => promptName(entry) === name);
    if (found) return found;
    const known = prompts.map((entry) => `/${promptName(entry)}`).join(', ');
    throw new HostError(
      'unknown-prompt',
      `There is no prompt /${name}. ${known === '' ? 'No server offers one.' : `Known: ${known}.`}`,
    );
  }

  async #ask(prompt: PromptEntry, line: string, signal: AbortSignal): Promise<void> {
    const { opened, screen, theme } = this.#options;
    const args = parsePromptArguments(line.replace(/^\/\S+\s*/, ''), prompt);
    const outcome = await opened.host.registry.prompt(prompt.name, args, { signal });
    if (outcome.type !== 'complete') {
      const reason = outcome.type === 'input-required' ? 'its server asks for input first' : outcome.message;
      throw new HostError('prompt-failed', `/${promptName(prompt)} was not answered: ${reason}`);
    }
    const request = requestOfPrompt(outcome.result);
    if (request.trim() === '')
      throw new HostError('prompt-empty', `/${promptName(prompt)} holds no text to send.`);
    screen.transcript.add(new RequestBlock(theme, request));
    await this.#answer(request, [], signal);
  }

  async #answer(request: string, attachments: readonly Attachment[], signal: AbortSignal): Promise<void> {
    const { conversation } = this.#options;
    const outcome = await this.follow(() => conversation.ask(request, attachments), signal);
    conversation.ended(outcome);
    await this.#tellEnd(outcome);
  }

  async #tellEnd(outcome: RunOutcome<Answer> | Exclude<RunOutcome, { type: 'done' }>): Promise<void> {
    switch (outcome.type) {
      case 'done':
        if (outcome.output.origin === 'quote')
          this.#say((await this.#options.opened.host.models()).advice, 'dim');
        break;
      case 'failed':
        this.#say(outcome.error.message, 'red');
        break;
      case 'stopped':
        this.#say(outcome.message, 'yellow');
        this.#say(goingOn(outcome, this.#options.opened.host), 'dim');
        break;
      case 'cancelled':
      case 'suspended':
        this.#say(outcome.message, 'yellow');
        break;
      default:
        outcome satisfies never;
    }
  }

  #say(text: string, style: Style): void {
    this.#options.screen.transcript.add(new LineBlock(this.#options.theme, text, { style }));
  }
}

function nameOf(attachment: Attachment): string {
  return attachment.type === 'file' ? attachment.path : attachment.uri;
}

/** Words as they are; anything else as code. */
function shownOutput(output: Json): string {
  const text = outputText(output);
  return typeof output === 'string' || !/^[[{]/.test(text) ? text : `\`\`\`json\n${text}\n\`\`\``;
}

function answerBlock(theme: Theme, output: Json): AnswerBlock {
  const block = new AnswerBlock(theme);
  block.setText(shownOutput(output));
  return block;
}
