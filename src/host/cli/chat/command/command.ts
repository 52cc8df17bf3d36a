import type { Choice } from '../panel/choice-panel.ts';
import type { Json } from '../../../../json.ts';
import type { RunHandle, RunOutcome } from '../../../engine/engine.ts';
import type { GivenWorkflow } from '../../../given-workflows.ts';
import type { SessionSummary } from '../../../session/contract.ts';
import type { Conversation } from '../conversation.ts';
import type { Style } from '../theme.ts';
import type { Spent } from '../usage-meter.ts';
import type { OpenedHost } from '../../open-host.ts';

/** What a command may do to the chat it is called in. */
export interface CommandContext {
  readonly opened: OpenedHost;
  readonly conversation: Conversation;
  readonly workingFolder: string;
  /** Aborts when the person stops the command, or leaves. */
  readonly signal: AbortSignal;
  /** Those that a line can begin with. */
  workflows(): readonly GivenWorkflow[];
  spent(): Spent;
  contextWindowTokens(): number | undefined;
  /** Plain lines. */
  say(text: string, style?: Style): void;
  /** Rows as columns. */
  table(rows: readonly (readonly string[])[]): void;
  choose(title: string, choices: readonly Choice[]): Promise<string | undefined>;
  /** Empties the screen and the context: another conversation begins. */
  startOver(): void;
  /** The same with another conversation that is kept. */
  resume(session: SessionSummary): Promise<void>;
  /** Shows a run of the host as it goes, by default from its first event on, and resolves with what came of it. */
  follow<Output extends Json>(
    start: () => Promise<RunHandle<Output>>,
    from?: number,
  ): Promise<RunOutcome<Output>>;
  leave(): void;
}

export interface ChatCommand {
  readonly name: string;
  /** In the words of the help: `[query]`. */
  readonly argument?: string;
  readonly description: string;
  run(argument: string, chat: CommandContext): Promise<void> | void;
  /** Values for the argument. */
  complete?(chat: CommandContext): Promise<readonly string[]> | readonly string[];
}
