/**
 * What the searching thread is asked and answers. A search runs in a thread of its own because a pattern can take for
 * ever on one line, and only a thread can be stopped in the middle of that.
 */
import type { Roots } from './roots.ts';

export type SearchRequest = NameSearch | ContentSearch;

interface CommonSearch {
  readonly roots: Roots;
  /** The file or folder to search, absolute and real. */
  readonly top: string;
  readonly maxResults: number;
  readonly includeIgnored: boolean;
}

export interface NameSearch extends CommonSearch {
  readonly type: 'names';
  readonly pattern: string;
}

export interface ContentSearch extends CommonSearch {
  readonly type: 'content';
  readonly expression: { readonly source: string; readonly flags: string };
  readonly glob: string | undefined;
  readonly contextLines: number;
}

export interface NameMatch {
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'other';
}

export interface ContentMatch {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export interface SearchTally {
  readonly filesSearched: number;
  /** Relative paths of tools' folders that were not entered; at most a few, with their number. */
  readonly ignoredFolders: readonly string[];
  readonly ignoredFolderCount: number;
  readonly binaryFiles: number;
  readonly largeFiles: readonly string[];
  readonly unreadable: number;
  readonly longLines: number;
}

export type SearchMessage =
  | { readonly type: 'match'; readonly match: NameMatch | ContentMatch }
  | { readonly type: 'at'; readonly path: string; readonly tally: SearchTally }
  | { readonly type: 'end'; readonly tally: SearchTally; readonly limitReached: boolean };

export const MAX_SEARCHED_FILE_BYTES = 50 * 1024 * 1024;
export const MAX_SEARCHED_LINE_CHARACTERS = 10_000;
