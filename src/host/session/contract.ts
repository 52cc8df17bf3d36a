/** Conversations as they are kept in `state.db`. Types only. */
import type { RunOutcomeType } from '../event.ts';
import type { ModelMessage } from '../model/model.ts';

export type SessionSummary = {
  /** Short enough to type. */
  readonly id: string;
  readonly name?: string;
  /** The folder in which it is held. */
  readonly project: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** The model that answered last. */
  readonly model?: string;
  readonly runCount: number;
  /** The first request, in one line, shortened; '' before there is one. */
  readonly title: string;
};

/** What one run added to a session. */
export type SessionRun = {
  readonly runId: string;
  readonly startedAtMs: number;
  /** Undefined: under way, or its host died. */
  readonly outcome?: RunOutcomeType;
  readonly messages: readonly TranscriptMessage[];
  /** How many messages could not be read any more. */
  readonly damaged: number;
};

export type TranscriptMessage = { readonly atMs: number; readonly message: ModelMessage };

/** What became of the parts of a session that live elsewhere. */
export type SessionDeletion = {
  /** Undefined: no memory is set up. */
  readonly memory?: { readonly forgotten: boolean; readonly reason?: string };
  /** Why traces of what was deleted may still be in `state.db`. The next host that opens it goes on with overwriting. */
  readonly traces?: string;
};

/** Every method rejects with the HostErrors of `openState` where `state.db` cannot be used. */
export interface Sessions {
  create(options?: { readonly name?: string; readonly project?: string }): Promise<SessionSummary>;
  /** The one that was used last comes first; those of one folder with `project`. */
  list(filter?: { readonly project?: string }): Promise<readonly SessionSummary[]>;
  /** By name, by id, or by a beginning of an id that fits one only. Rejects with HostError `unknown-session`. */
  get(idOrName: string): Promise<SessionSummary>;
  /** Rejects with HostError `usage` where another session has the name, or it could be taken for an id. */
  rename(id: string, name: string): Promise<void>;
  /** Everything that was said, whole and in order, with secrets masked. */
  transcript(id: string): Promise<readonly SessionRun[]>;
  /**
   * Also its runs, what was stored of its results, and what memory holds of it. Without `erase` it is not overwritten on
   * the disk until something else is.
   */
  delete(id: string, options?: { readonly erase?: boolean }): Promise<SessionDeletion>;
}

/** What workflows do with the session of their run. */
export interface SessionLog {
  /**
   * What was said before this run, as a model takes it: every call has its result, also where a run was cut short. Where
   * the conversation was reduced, that view of it and what was said since. It is kept under its revision.
   * Rejects with HostError `unknown-session`.
   */
  history(sessionId: string): Promise<History>;
  /** What `history` gave under this revision, whatever was said since. Rejects with HostError `history-unknown`. */
  historyAt(revision: string): Promise<readonly ModelMessage[]>;
  /** Keeps a message of a run; the same position of the same run is kept once, results of tools as they came last. */
  keep(place: MessagePlace, message: ModelMessage): Promise<void>;
  /** Keeps what later requests carry in place of everything that was kept so far. The transcript stays whole. */
  keepView(sessionId: string, messages: readonly ModelMessage[]): Promise<void>;
  /** Says how a run ended and which model answered it. */
  end(place: Omit<MessagePlace, 'position'>, outcome: RunOutcomeType, model?: string): Promise<void>;
}

export type History = { readonly revision: string; readonly messages: readonly ModelMessage[] };

export type MessagePlace = {
  readonly sessionId: string;
  readonly runId: string;
  /** From 0, within the run. */
  readonly position: number;
};
