/** The truth of a collection: documents and their chunks. */
import { createHash } from 'node:crypto';
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';

import type { JsonObject } from '../../json.ts';
import type {
  ChunkInput,
  DocumentFilter,
  DocumentInput,
  PutOutcome,
  StoredChunk,
  StoredDocument,
} from './contract.ts';
import { transaction } from '../../database/transaction.ts';
import { filterClause } from './filter.ts';
import { identifierParts, wordsOf } from './words.ts';

const HEADING_SEPARATOR = ' › ';
type Row = Record<string, SQLOutputValue>;

/**
 * Stores a document and its chunks in place of what was stored under its uri. A chunk that is found again keeps its row
 * and its vector. Ids depend on the collection, the uri, headings, text and the ordinal among equal chunks, never on
 * positions or on what was stored before.
 */
export function putDocument(
  database: DatabaseSync,
  collection: string,
  document: DocumentInput,
  chunks: readonly ChunkInput[],
): PutOutcome {
  const identified = identify(collection, document.uri, chunks);
  return transaction(database, () => {
    const documentId = upsertDocument(database, document);
    const stored = database.prepare('SELECT id FROM chunks WHERE document = ?').all(documentId);
    const storedIds = new Set(stored.map((row) => String(row['id'])));
    const kept = new Set(identified.map(({ id }) => id));
    const obsolete = [...storedIds].filter((id) => !kept.has(id));
    const remove = database.prepare('DELETE FROM chunks WHERE id = ?');
    for (const id of obsolete) remove.run(id);
    const move = database.prepare(
      'UPDATE chunks SET position = ?, start_line = ?, end_line = ?, line_numbers = ?, page = ? WHERE id = ?',
    );
    const insert = database.prepare(
      'INSERT INTO chunks (id, document, position, text, heading, embedded_heading, identifiers, start_line, end_line, line_numbers, page) ' +
        'VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    let added = 0;
    for (const [position, { id, chunk }] of identified.entries()) {
      const place = placeOf(chunk);
      if (storedIds.has(id)) {
        move.run(position, ...place, id);
        continue;
      }
      const embedded = chunk.headings.join(HEADING_SEPARATOR);
      const heading = [wordsOf(document.title).join(' '), ...chunk.headings].join('\n');
      const identifiers = identifierParts(`${heading}\n${chunk.text}`);
      insert.run(id, documentId, position, chunk.text, heading, embedded, identifiers, ...place);
      added += 1;
    }
    return { added, kept: identified.length - added, removed: obsolete.length };
  });
}

function placeOf({ startLine, endLine, lineNumbers, page }: ChunkInput): readonly (number | string | null)[] {
  const numbers = lineNumbers === undefined ? null : JSON.stringify(lineNumbers);
  return [startLine ?? null, endLine ?? null, numbers, page ?? null];
}

/** Marks a stored document as seen with this modification time, its content being the same. */
export function touchDocument(database: DatabaseSync, uri: string, modifiedMs: number): void {
  database.prepare('UPDATE documents SET modified_ms = ? WHERE uri = ?').run(modifiedMs, uri);
}

/** How many of them there were. */
export function removeDocuments(database: DatabaseSync, uris: readonly string[]): number {
  if (uris.length === 0) return 0;
  return transaction(database, () => {
    const remove = database.prepare('DELETE FROM documents WHERE uri = ?');
    return uris.reduce((removed, uri) => removed + Number(remove.run(uri).changes), 0);
  });
}

export function listDocuments(database: DatabaseSync, filter: DocumentFilter): readonly StoredDocument[] {
  const { clause, values } = filterClause(filter);
  const select =
    'SELECT documents.*, (SELECT count(*) FROM chunks WHERE document = documents.id) AS chunk_count ' +
    `FROM documents WHERE ${clause} ORDER BY uri`;
  return database
    .prepare(select)
    .all(...values)
    .map(documentOf);
}

/** In the order asked for; numbers of chunks that are gone are left out. */
export function chunksByNumber(database: DatabaseSync, numbers: readonly number[]): readonly StoredChunk[] {
  const select = database.prepare(`${SELECT_CHUNKS} WHERE chunks.number = ?`);
  return numbers.flatMap((number) => {
    const row = select.get(number);
    return row === undefined ? [] : [chunkOf(row)];
  });
}

export function chunksOfDocument(database: DatabaseSync, uri: string): readonly StoredChunk[] {
  return database
    .prepare(`${SELECT_CHUNKS} WHERE documents.uri = ? ORDER BY chunks.position`)
    .all(uri)
    .map(chunkOf);
}

const SELECT_CHUNKS =
  'SELECT chunks.*, documents.uri, documents.kind FROM chunks JOIN documents ON documents.id = chunks.document';

function identify(
  collection: string,
  uri: string,
  chunks: readonly ChunkInput[],
): readonly { readonly id: string; readonly chunk: ChunkInput }[] {
  const seen = new Map<string, number>();
  return chunks.map((chunk) => {
    const content = JSON.stringify([chunk.headings, chunk.text]);
    const ordinal = seen.get(content) ?? 0;
    seen.set(content, ordinal + 1);
    const id = createHash('sha256')
      .update(JSON.stringify([collection, uri, content, ordinal]))
      .digest('hex')
      .slice(0, 32);
    return { id, chunk };
  });
}

function upsertDocument(database: DatabaseSync, document: DocumentInput): number {
  const row = database
    .prepare(
      `INSERT INTO documents (uri, kind, title, hash, size_bytes, modified_ms, chunker, group_key, stored_ms, metadata)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (uri) DO UPDATE SET kind = excluded.kind, title = excluded.title, hash = excluded.hash,
         size_bytes = excluded.size_bytes, modified_ms = excluded.modified_ms, chunker = excluded.chunker,
         group_key = excluded.group_key, stored_ms = excluded.stored_ms, metadata = excluded.metadata
       RETURNING id`,
    )
    .get(
      document.uri,
      document.kind,
      document.title,
      document.hash,
      document.sizeBytes,
      document.modifiedMs,
      document.chunker,
      document.group ?? null,
      Date.now(),
      JSON.stringify(document.metadata ?? {}),
    );
  return Number(row?.['id']);
}

function documentOf(row: Row): StoredDocument {
  const group = row['group_key'];
  return {
    id: Number(row['id']),
    uri: String(row['uri']),
    kind: String(row['kind']),
    title: String(row['title']),
    hash: String(row['hash']),
    sizeBytes: Number(row['size_bytes']),
    modifiedMs: Number(row['modified_ms']),
    chunker: String(row['chunker']),
    ...(typeof group === 'string' && { group }),
    metadata: JSON.parse(String(row['metadata'])) as JsonObject,
    storedMs: Number(row['stored_ms']),
    chunkCount: Number(row['chunk_count']),
  };
}

function chunkOf(row: Row): StoredChunk {
  const embedded = String(row['embedded_heading']);
  const startLine = row['start_line'];
  const endLine = row['end_line'];
  const lineNumbers = row['line_numbers'];
  const page = row['page'];
  return {
    id: String(row['id']),
    number: Number(row['number']),
    uri: String(row['uri']),
    kind: String(row['kind']),
    text: String(row['text']),
    headings: embedded === '' ? [] : embedded.split(HEADING_SEPARATOR),
    ...(typeof startLine === 'number' && { startLine }),
    ...(typeof endLine === 'number' && { endLine }),
    ...(typeof lineNumbers === 'string' && { lineNumbers: JSON.parse(lineNumbers) as number[] }),
    ...(typeof page === 'number' && { page }),
  };
}
