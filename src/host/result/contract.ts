/** Results that are too large for a model, kept whole. Types only. */

export type ResultContent =
  | { readonly type: 'text'; readonly mimeType: string; readonly text: string }
  /** `base64` as the protocol carries it; kept as the bytes that it stands for. */
  | { readonly type: 'bytes'; readonly mimeType: string; readonly base64: string };

/**
 * Who may read a result, and how long it lives: as long as its session or until its run has ended, and 24 hours in any case.
 * It is deleted with either.
 */
export type ResultAccess = {
  readonly actor: string;
  /** The run that keeps it. */
  readonly runId?: string;
  /** A run of a session sees that session's results and those of no session; without one all of the actor's. */
  readonly sessionId?: string;
};

export type StoredResult = {
  readonly id: string;
  /** `switchyard://results/<id>` */
  readonly uri: string;
  /** The tool that answered with it. */
  readonly tool: string;
  readonly mimeType: string;
  readonly isText: boolean;
  readonly sizeBytes: number;
  /** UTF-16 units; 0 for bytes. */
  readonly characters: number;
  readonly lines: number;
  /** Of the stored bytes, which for a text are its UTF-8. */
  readonly sha256: string;
  readonly createdAtMs: number;
  /** In order; reading seeks by them and checks them. */
  readonly chunks: readonly ResultChunk[];
};

/** `[size in bytes, characters, newlines, CRC-32]` */
export type ResultChunk = readonly [
  sizeBytes: number,
  characters: number,
  newlines: number,
  checksum: number,
];

export interface ResultStore {
  /** Rejects with HostError `result-not-kept`, which says why: a full disk, a damaged database. Nothing is left behind. */
  keep(content: ResultContent, tool: string, access: ResultAccess): Promise<StoredResult>;
  /** Rejects with HostError `unknown-result`, the same for what never was, what expired and what belongs to another. */
  find(uri: string, access: ResultAccess): Promise<StoredResult>;
  /** The file behind a result; what it holds is checked against `chunks` as it is read (chunks.ts). */
  file(result: StoredResult): string;
  /** Removes what expired, what belonged to deleted sessions, and what a host left behind that died as it wrote. */
  sweep(): Promise<void>;
}
