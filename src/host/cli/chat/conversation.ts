import { candidatesOf } from '../../../config/model-entry.ts';
import { HostError, messageOf } from '../../../errors.ts';
import type { RunHandle, RunOutcome } from '../../engine/engine.ts';
import type { Host } from '../../host.ts';
import type { ModelMessage } from '../../model/model.ts';
import type { SessionSummary } from '../../session/contract.ts';
import type { Attachment } from '../../workflow/attachment.ts';
import type { AgentOutput } from '../../workflow/agent.ts';
import type { QuoteOutput } from '../../workflow/quote.ts';
import type { RunFlags } from '../commands.ts';
import { inputOfText } from '../../workflow/input-of-text.ts';
import { answerOf, requestTo } from '../../workflow/said.ts';
import { askOptions, budgetOf } from '../run.ts';

export type Answer = AgentOutput | QuoteOutput;

export interface ConversationOptions {
  readonly host: Host;
  readonly flags: RunFlags;
  readonly signal: AbortSignal;
  /** Whether a session is made for a conversation that has none. */
  readonly kept: boolean;
  /** Told once where the conversation cannot be kept. */
  readonly onNotKept: (reason: string) => void;
}

/** Requests that follow each other: each run is given what was said before, by its session or from here. */
export class Conversation {
  readonly #options: ConversationOptions;
  #kept: boolean;
  #sessionId: string | undefined;
  /** Of a conversation without a session. */
  #history: readonly ModelMessage[] = [];
  /** What plain lines go to in place of the agent. */
  readonly workflow: string | undefined;
  /** An alias of the config, or `provider/model`. */
  model: string;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#kept = options.kept;
    this.model = options.flags.model ?? 'default';
    this.workflow = options.flags.workflow;
    if (this.workflow !== undefined) requireWorkflow(this.workflow, options.host.workflows);
  }

  /** Undefined before the first request, and where nothing is kept. */
  get sessionId(): string | undefined {
    return this.#sessionId;
  }

  /** Rejects with the HostErrors of `Host.ask`. */
  async ask(request: string, attachments: readonly Attachment[] = []): Promise<RunHandle<Answer>> {
    const { host, flags, signal } = this.#options;
    this.#sessionId ??= await this.#newSession();
    const options = askOptions({ ...flags, model: this.model }, signal);
    const before =
      this.#sessionId === undefined ? { history: this.#history } : { sessionId: this.#sessionId };
    return host.ask(request, { ...options, ...before, attachments });
  }

  /** Gives a workflow what a person wrote. Rejects with the HostErrors of `Host.run`. */
  async run(workflow: string, text: string): Promise<RunHandle> {
    const { host, flags, signal } = this.#options;
    const input = inputOfText(text, host.workflows.find(({ name }) => name === workflow)?.input);
    this.#sessionId ??= await this.#newSession();
    const session = this.#sessionId === undefined ? {} : { sessionId: this.#sessionId };
    return host.run(workflow, input, { signal, budget: budgetOf(flags), ...session });
  }

  /** As `ended`, of a run of a workflow. */
  workflowEnded({ run: { workflow, input } }: RunHandle, outcome: RunOutcome): void {
    if (this.#sessionId === undefined && outcome.type === 'done')
      this.#history = [...this.#history, requestTo(workflow, input), answerOf(outcome.output)];
  }

  /** To be told of every run's end, so that the next one knows of it. */
  ended(outcome: RunOutcome<Answer>): void {
    if (this.#sessionId === undefined && outcome.type === 'done' && outcome.output.origin === 'model')
      this.#history = [...this.#history, ...outcome.output.messages];
  }

  /** Begins anew, without what was said. */
  forget(): void {
    this.#sessionId = undefined;
    this.#history = [];
  }

  /** Goes on with a session, and with the model that answered there last, where it was not said which one. */
  resume(session: SessionSummary): void {
    this.forget();
    this.#sessionId = session.id;
    if (this.#options.flags.model === undefined && session.model !== undefined)
      this.model = this.#nameOf(session.model);
  }

  /** The alias under which the config has a model: with its address and key. */
  #nameOf(modelId: string): string {
    const aliases = Object.entries(this.#options.host.config.models);
    const found = aliases.find(([, entry]) => candidatesOf(entry).some(({ model }) => model === modelId));
    return found?.[0] ?? 'default';
  }

  /** A state that cannot be used costs the keeping and not the conversation. */
  async #newSession(): Promise<string | undefined> {
    if (!this.#kept) return undefined;
    try {
      return (await this.#options.host.sessions.create()).id;
    } catch (thrown) {
      if (!(thrown instanceof HostError)) throw thrown;
      this.#kept = false;
      this.#options.onNotKept(messageOf(thrown));
      return undefined;
    }
  }
}

/** Said at once, and not with the first line. Throws HostError `unknown-workflow`. */
function requireWorkflow(workflow: string, workflows: Host['workflows']): void {
  if (workflows.some(({ name }) => name === workflow)) return;
  const names = workflows.map(({ name }) => name).join(', ');
  throw new HostError(
    'unknown-workflow',
    `There is no workflow "${workflow}". ${names === '' ? 'The config has none under "workflows".' : `There are ${names}.`}`,
  );
}
