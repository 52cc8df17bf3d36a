/** What is to become of memory after an exchange. */
export type MemoryScope = 'person' | 'project';

export type MemoryOperation =
  | { readonly type: 'remember'; readonly text: string; readonly scope: MemoryScope }
  | { readonly type: 'update'; readonly factId: string; readonly text: string; readonly scope: MemoryScope }
  | { readonly type: 'forget'; readonly factId: string };

export type KnownFact = {
  readonly factId: string;
  readonly text: string;
  readonly scope: MemoryScope;
  /** The cosine of it and what it was found by, where meaning took part. */
  readonly similarity?: number;
};
