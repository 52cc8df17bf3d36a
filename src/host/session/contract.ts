/** Conversations as they are kept in `state.db`. Types only. */
import type { ModelMessage } from '../model/model.ts';

export type SessionSummary = {
  readonly id: string;
  readonly name?: string;
  /** The folder in which it was held. */
  readonly project: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly model?: string;
  readonly messageCount: number;
  /** The first request, shortened. */
  readonly title: string;
};

export type TranscriptEntry = {
  readonly runId: string;
  readonly atMs: number;
  readonly message: ModelMessage;
};

export interface Sessions {
  create(options: { readonly project: string; readonly name?: string }): SessionSummary;
  /** Latest first; those of one folder with `project`. */
  list(filter?: { readonly project?: string }): readonly SessionSummary[];
  /** By id, by an unambiguous beginning of it, or by name. Throws HostError `unknown-session`. */
  get(idOrName: string): SessionSummary;
  rename(id: string, name: string): void;
  /** Everything that was said, in order, whole; secrets masked. Throws HostError `session-damaged`. */
  transcript(id: string): readonly TranscriptEntry[];
  /** Also the session's stored results and what memory holds of it. */
  delete(id: string): Promise<void>;
}
