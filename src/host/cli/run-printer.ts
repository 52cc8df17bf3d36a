/** Shows a run as it happens: a reader of its events like any other. */
import type { RunEvent } from '../event.ts';
import { contextReducedText } from './context-reduced.ts';
import { recallLine } from './recall-line.ts';
import { spentLine } from './spent-text.ts';
import { bytes, duration, oneLine, type Output, printable, styled } from './terminal.ts';
import { resumeLine, workflowLine } from '../workflow-line.ts';

export interface RunPrinterOptions {
  readonly output: Output;
  /** Text is written as it comes; else only the finished answer is, once. */
  readonly live: boolean;
  /** A person is at the terminal, and sees what waits for a yes as a question. */
  readonly asked: boolean;
}

/** How to decide about a call that waits. */
function approvalAdvice(id: string, expiresMs: number): string {
  return `To decide until ${new Date(expiresMs).toISOString()}: switchyard approvals show|approve|deny ${id}`;
}

export class RunPrinter {
  readonly #output: Output;
  readonly #live: boolean;
  readonly #asked: boolean;
  /** Text of the open line on stdout, so that status lines begin on a line of their own. */
  #lineOpen = false;
  #streamed = '';
  readonly #notices = new Set<string>();
  /** Told after the answer. */
  #spent: string | undefined;

  constructor(options: RunPrinterOptions) {
    this.#output = options.output;
    this.#live = options.live;
    this.#asked = options.asked;
  }

  async show(event: RunEvent): Promise<void> {
    switch (event.type) {
      case 'text-delta':
        return this.#text(event.text);
      case 'step-restart':
        this.#streamed = '';
        // What escalates says so itself.
        if (event.reason === 'escalation') return;
        return this.#status(
          styled(
            'yellow',
            `Starting over (${event.reason}): ${event.failure?.message ?? 'the last answer is void'}`,
          ),
        );
      case 'turn-start':
        this.#streamed = '';
        return;
      case 'branch-start':
      case 'branch-end':
      case 'route':
      case 'model-route':
      case 'model-escalate':
      case 'handoff':
      case 'plan':
      case 'question-answered':
        return this.#status(styled('dim', oneLine(workflowLine(event), 400)));
      case 'run-resume':
        return event.changed === undefined ? undefined : this.#status(styled('yellow', resumeLine(event)));
      case 'recall':
        return this.#status(styled('dim', recallLine(event)));
      case 'tool-call-start':
        return this.#status(styled('dim', `→ ${event.name} ${oneLine(JSON.stringify(event.arguments))}`));
      case 'approval-request':
        return this.#asked
          ? undefined
          : this.#status(
              `${event.name} waits for a yes: ${oneLine(JSON.stringify(event.arguments), 400)}\n${approvalAdvice(event.id, event.expiresMs)}`,
            );
      case 'question':
        return this.#asked
          ? undefined
          : this.#status(`${workflowLine(event)}\nTo answer: switchyard runs answer ${event.runId}`);
      case 'tool-call-progress':
        return event.message === undefined
          ? undefined
          : this.#status(styled('dim', `  ${oneLine(event.message)}`));
      case 'tool-call-end': {
        const size = event.outcome === 'complete' ? `, ${bytes(event.sizeBytes)}` : '';
        const error = event.error ? `: ${oneLine(event.error.message, 200)}` : '';
        const mark = event.outcome === 'complete' ? '✓' : '✗';
        return this.#status(
          styled(
            'dim',
            `${mark} ${event.name} ${event.outcome}, ${duration(event.durationMs)}${size}${error}`,
          ),
        );
      }
      case 'result-stored':
        return this.#status(styled('dim', `  kept whole as ${event.uri} (${bytes(event.sizeBytes)})`));
      case 'context-reduced':
        return this.#status(styled('dim', contextReducedText(event)));
      case 'run-end': {
        const line = spentLine(event.totals);
        if (line !== undefined) this.#spent = styled('dim', line);
        return;
      }
      case 'notice':
        if (this.#isKnown(event.message)) return;
        return this.#status(styled(event.level === 'warn' ? 'yellow' : 'dim', printable(event.message)));
      default:
        return;
    }
  }

  /** What many parts of a run have to say is said once. */
  #isKnown(message: string): boolean {
    const isKnown = this.#notices.has(message);
    this.#notices.add(message);
    return isKnown;
  }

  /** Writes what of the answer has not been shown, and ends its line. */
  async finish(answer: string): Promise<void> {
    if (this.#live && this.#streamed.endsWith(answer) && answer !== '') {
      if (this.#lineOpen) await this.#output.data('\n');
    } else {
      await this.#output.data(`${this.#live ? printable(answer) : answer}\n`);
    }
    this.#lineOpen = false;
    await this.#tellSpent();
  }

  /** Says why there is no answer. */
  async note(message: string): Promise<void> {
    await this.#status(printable(message));
    await this.#tellSpent();
  }

  async #tellSpent(): Promise<void> {
    if (this.#spent !== undefined) await this.#status(this.#spent);
    this.#spent = undefined;
  }

  async #text(text: string): Promise<void> {
    this.#streamed += text;
    if (!this.#live) return;
    const safe = printable(text);
    if (safe === '') return;
    this.#lineOpen = !safe.endsWith('\n');
    await this.#output.data(safe);
  }

  async #status(line: string): Promise<void> {
    if (this.#lineOpen) await this.#output.data('\n');
    this.#lineOpen = false;
    this.#output.status(line);
  }
}
