/** Puts the events of one run on the screen: a reader of its stream like any other. */
import type { JsonObject } from '../../../json.ts';
import { jsonText } from '../../../json.ts';
import type { DeltaEvent, Quote, RunEvent, StoredEvent } from '../../event.ts';
import type { AssistantMessage } from '../../model/model.ts';
import { contextReducedText } from '../context-reduced.ts';
import { recallLine } from '../recall-line.ts';
import { QUOTE_BANNER } from '../run.ts';
import { oneLine } from '../terminal.ts';
import { resumeLine, workflowLine } from '../../workflow-line.ts';
import { AnswerBlock } from './block/answer-block.ts';
import { LineBlock, type LineOptions } from './block/line-block.ts';
import { ThinkingBlock } from './block/thinking-block.ts';
import { ToolCallBlock } from './block/tool-call-block.ts';
import { TreeBlock } from './block/tree-block.ts';
import type { Style, Theme } from './theme.ts';
import type { Transcript } from './transcript.ts';

export type Activity = 'waiting' | 'thinking' | 'answering' | 'calling' | 'tools' | 'asking';

type SpeechBlock = AnswerBlock | ThinkingBlock;

export class RunView {
  readonly #theme: Theme;
  readonly #transcript: Transcript;
  /** What the open attempt of each model call has said, in order. */
  readonly #speech = new Map<string, SpeechBlock[]>();
  readonly #calls = new Map<string, ToolCallBlock>();
  #activity: Activity = 'waiting';
  /** What many parts of a run have to say is said once. */
  readonly #notices = new Set<string>();
  #workflow = '';
  /** There from the first branch on, which is shown there and nowhere else. */
  #tree: TreeBlock | undefined;
  #lastAnswer: AnswerBlock | undefined;

  constructor(theme: Theme, transcript: Transcript) {
    this.#theme = theme;
    this.#transcript = transcript;
  }

  get activity(): Activity {
    return [...this.#calls.values()].some((call) => call.running) ? 'tools' : this.#activity;
  }

  /** The last text that was shown as an answer. */
  get lastSaid(): string | undefined {
    return this.#lastAnswer?.text;
  }

  /** True where an elapsed time on the screen changed. */
  tick(): boolean {
    const calls = [...this.#calls.values()].filter((call) => call.tick());
    return this.#tree?.tick() === true || calls.length > 0;
  }

  /** The run is over: nothing on the screen waits any more. */
  end(): void {
    for (const step of this.#speech.keys()) this.#endThinking(step);
    for (const call of this.#calls.values()) call.abandon();
    this.#tree?.freeze();
  }

  show(event: RunEvent): void {
    if (event.type === 'run-start') this.#workflow = event.workflow;
    if (event.type === 'branch-start' && this.#tree === undefined) {
      this.#tree = new TreeBlock(this.#theme, this.#workflow);
      this.#transcript.add(this.#tree);
    }
    this.#tree?.see(event);
    if (this.#tree?.tree.tells(event) !== true) this.#showHere(event);
  }

  #showHere(event: RunEvent): void {
    switch (event.type) {
      case 'text-delta':
      case 'thinking-delta':
        this.#speak(event);
        break;
      case 'tool-input-delta':
        this.#activity = 'calling';
        break;
      case 'step-restart':
        this.#restart(event);
        break;
      case 'model-start':
        this.#activity = 'waiting';
        break;
      case 'model-end':
        if (!event.draft) this.#finishSpeech(event.step, event.message);
        break;
      case 'model-error':
        this.#endThinking(event.step);
        break;
      case 'tool-call-start':
      case 'tool-call-progress':
      case 'tool-call-end':
      case 'approval':
        this.#call(event);
        break;
      case 'approval-request':
        this.#line(`${event.name} waits for a yes, here or by "switchyard approvals approve ${event.id}"`);
        break;
      case 'recall':
        this.#line(recallLine(event));
        break;
      case 'tools-found':
        this.#line(`found ${event.names.length} tools for "${oneLine(event.query, 80)}"`);
        break;
      case 'result-stored':
        this.#line(`kept whole: ${event.uri} (${event.mimeType}, ${event.sizeBytes} bytes)`);
        break;
      case 'context-reduced':
        this.#line(contextReducedText(event));
        break;
      case 'quote':
        this.#quotes(event.quotes);
        break;
      case 'text':
        // Quotes are shown as such by their own event.
        if (event.origin !== 'quote') this.#answer(event.text);
        break;
      case 'verdict':
        this.#line(
          `guard ${event.guard} (${event.stage}): ${event.verdict}${event.reason === undefined ? '' : `, ${oneLine(event.reason, 300)}`}`,
          event.verdict === 'deny' ? 'red' : 'yellow',
        );
        break;
      case 'input-request':
        this.#line(`${event.server} asks: ${oneLine(requestText(event.method, event.params), 200)}`);
        break;
      case 'input-response':
        this.#add(`${event.server} was answered: ${event.action}`, { style: 'dim', tight: true });
        break;
      case 'notice':
        if (this.#notices.has(event.message)) break;
        this.#notices.add(event.message);
        this.#line(event.message, event.level === 'warn' ? 'yellow' : 'dim');
        break;
      case 'branch-start':
      case 'branch-end':
        break;
      case 'route':
      case 'model-route':
      case 'model-escalate':
      case 'handoff':
      case 'plan':
      case 'question':
      case 'question-answered':
        this.#add(oneLine(workflowLine(event), 400), { style: 'dim', tight: true });
        break;
      case 'run-resume':
        if (event.changed !== undefined) this.#line(resumeLine(event), 'yellow');
        break;
      // Told as the outcome of the run.
      case 'limit-reached':
      case 'remember':
      case 'run-start':
      case 'run-end':
      case 'turn-start':
      case 'turn-end':
        break;
      default:
        event satisfies never;
    }
  }

  #speak(event: Extract<DeltaEvent, { type: 'text-delta' | 'thinking-delta' }>): void {
    const said = this.#speech.get(event.step) ?? [];
    this.#speech.set(event.step, said);
    const thinking = event.type === 'thinking-delta';
    this.#activity = thinking ? 'thinking' : 'answering';
    const last = said.at(-1);
    if (last && last instanceof ThinkingBlock === thinking) {
      last.append(event.text);
      return;
    }
    if (last instanceof ThinkingBlock) last.end();
    const block = thinking ? new ThinkingBlock(this.#theme) : new AnswerBlock(this.#theme);
    block.append(event.text);
    if (block instanceof AnswerBlock) this.#lastAnswer = block;
    said.push(block);
    this.#transcript.add(block);
  }

  /** What was said since the last start is void. */
  #restart({ step, reason, failure }: Extract<StoredEvent, { type: 'step-restart' }>): void {
    for (const block of this.#speech.get(step) ?? []) this.#transcript.remove(block);
    this.#speech.delete(step);
    this.#activity = 'waiting';
    // What escalates says so itself.
    if (reason !== 'escalation')
      this.#line(`Starting over (${reason}): ${failure?.message ?? 'the last answer is void'}`, 'yellow');
  }

  /** The finished message decides, also over what streamed. A call that streamed nothing was not for the person. */
  #finishSpeech(step: string, message: AssistantMessage): void {
    const said = this.#speech.get(step);
    if (!said) return;
    this.#endThinking(step);
    this.#speech.delete(step);
    const parts = message.content.filter((part) => part.type !== 'tool-call');
    const streamed = said.map((block) => block.text).join('');
    const final = parts.map((part) => part.text).join('');
    if (streamed === final) return;
    for (const block of said) this.#transcript.remove(block);
    for (const part of parts) {
      if (part.text === '') continue;
      const block = part.type === 'text' ? new AnswerBlock(this.#theme) : new ThinkingBlock(this.#theme);
      block.setText(part.text);
      if (block instanceof AnswerBlock) this.#lastAnswer = block;
      this.#transcript.add(block);
    }
  }

  #answer(text: string): void {
    this.#lastAnswer = new AnswerBlock(this.#theme);
    this.#lastAnswer.setText(text);
    this.#transcript.add(this.#lastAnswer);
  }

  #endThinking(step: string): void {
    for (const block of this.#speech.get(step) ?? []) {
      if (block instanceof ThinkingBlock) block.end();
    }
  }

  #call(
    event: Extract<StoredEvent, { type: `tool-call-${'start' | 'progress' | 'end'}` | 'approval' }>,
  ): void {
    // Providers number calls anew in each answer; the branch tells them apart.
    const key = `${event.path} ${event.callId}`;
    if (event.type === 'tool-call-start') {
      const block = new ToolCallBlock(this.#theme, event);
      this.#calls.set(key, block);
      this.#transcript.add(block);
      return;
    }
    const block = this.#calls.get(key);
    if (!block) return;
    switch (event.type) {
      case 'tool-call-progress':
        block.progress(event.progress, event.total, event.message);
        break;
      case 'approval':
        block.approval(`${event.decision} by ${event.by}`);
        break;
      case 'tool-call-end':
        block.end(event);
        break;
      default:
        event satisfies never;
    }
  }

  #quotes(quotes: readonly Quote[]): void {
    this.#line(QUOTE_BANNER, 'yellow');
    if (quotes.length === 0) this.#line('Nothing in the indexed documents fits this question.');
    for (const { text, source, line } of quotes) {
      const place = line === undefined ? source : `${source}:${line}`;
      this.#transcript.add(
        new LineBlock(this.#theme, `${text}\n  ${this.#theme.symbols.branch} ${place}`, { style: 'italic' }),
      );
    }
  }

  #line(text: string, style: Style = 'dim'): void {
    this.#add(text, { style });
  }

  #add(text: string, options: LineOptions): void {
    this.#transcript.add(new LineBlock(this.#theme, text, options));
  }
}

function requestText(method: string, params: JsonObject): string {
  return method === 'elicitation/create' ? jsonText(params['message']) : method;
}
