/** How facts, turns and summaries are laid out as documents of a store. */
import { createHash } from 'node:crypto';

import type { JsonObject } from '../../json.ts';
import type { DocumentFilter, DocumentInput, StoredDocument } from '../store/contract.ts';
import type { Store } from '../store/store.ts';
import { piecesOf } from './pieces.ts';

export type EntryKind = 'fact' | 'note' | 'turn' | 'summary';

export type Entry = {
  readonly uri: string;
  readonly kind: EntryKind;
  readonly group: string;
  readonly text: string;
  /** When it was said or last changed. */
  readonly at: Date;
  readonly metadata: JsonObject;
};

const CUT_BY = 'memory-pieces-1';

/** The group of everything that is not part of a session. */
export const FACTS_GROUP = 'facts';
export const FACT_KINDS = ['fact', 'note'] as const;

export function sessionGroup(sessionId: string): string {
  return `session:${sessionId}`;
}

export function factUri(factId: string): string {
  return `fact:${factId}`;
}

export function turnUri(sessionId: string, turnId: string): string {
  return `turn:${encodeURIComponent(sessionId)}/${turnId}`;
}

export function summaryUri(sessionId: string): string {
  return `summary:${encodeURIComponent(sessionId)}`;
}

/** What follows the kind in a fact's uri, or the session's id in those of turns and summaries. */
export function ownerOf(uri: string): string {
  const [, name = ''] = /^[a-z]+:([^/]*)/.exec(uri) ?? [];
  return decodeURIComponent(name);
}

/** Equal texts are recognised by it. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function putEntry(store: Store, { uri, kind, group, text, at, metadata }: Entry): void {
  const document: DocumentInput = {
    uri,
    kind,
    title: '',
    hash: hashOf(text),
    sizeBytes: Buffer.byteLength(text),
    modifiedMs: at.getTime(),
    chunker: CUT_BY,
    group,
    metadata,
  };
  store.put(
    document,
    piecesOf(text).map((piece) => ({ text: piece, headings: [] })),
  );
}

/** The whole text, as it was stored. */
export function textOf(store: Store, uri: string): string {
  return store
    .chunksOf(uri)
    .map(({ text }) => text)
    .join('');
}

/** Undefined where it was forgotten meanwhile. Looks only among the entries of the same group. */
export function findEntry(store: Store, uri: string): StoredDocument | undefined {
  const group = uri.startsWith('fact:') ? FACTS_GROUP : sessionGroup(ownerOf(uri));
  const filter: DocumentFilter = { group, below: uri };
  return store.documents(filter).find((document) => document.uri === uri);
}

export function metadataText({ metadata }: StoredDocument, name: string): string | undefined {
  const value = metadata[name];
  return typeof value === 'string' ? value : undefined;
}

/** ISO 8601, UTC. */
export function timeOf({ modifiedMs }: StoredDocument): string {
  return new Date(modifiedMs).toISOString();
}
