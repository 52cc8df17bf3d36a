import type { DatabaseSchema } from '../../database/schema.ts';

const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE collection (
    id TEXT NOT NULL
  ) STRICT;
  INSERT INTO collection VALUES (lower(hex(randomblob(16))));

  CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uri TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    hash TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    modified_ms REAL NOT NULL,
    chunker TEXT NOT NULL,
    group_key TEXT,
    stored_ms INTEGER NOT NULL,
    metadata TEXT NOT NULL
  ) STRICT;
  CREATE INDEX documents_by_group ON documents (group_key);

  CREATE TABLE chunks (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    document INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    text TEXT NOT NULL,
    heading TEXT NOT NULL,
    embedded_heading TEXT NOT NULL,
    identifiers TEXT NOT NULL,
    start_line INTEGER,
    end_line INTEGER,
    line_numbers TEXT,
    page INTEGER
  ) STRICT;
  CREATE INDEX chunks_by_document ON chunks (document, position);

  CREATE VIRTUAL TABLE words USING fts5 (
    heading, text, identifiers,
    content = 'chunks', content_rowid = 'number', tokenize = 'porter unicode61 remove_diacritics 2'
  );
  INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
  CREATE VIRTUAL TABLE word_counts USING fts5vocab (words, 'row');
  CREATE TRIGGER chunk_inserted AFTER INSERT ON chunks BEGIN
    INSERT INTO words (rowid, heading, text, identifiers) VALUES (new.number, new.heading, new.text, new.identifiers);
  END;
  CREATE TRIGGER chunk_deleted AFTER DELETE ON chunks BEGIN
    INSERT INTO words (words, rowid, heading, text, identifiers)
      VALUES ('delete', old.number, old.heading, old.text, old.identifiers);
  END;

  CREATE TABLE vectors (
    chunk INTEGER NOT NULL REFERENCES chunks (number) ON DELETE CASCADE,
    space TEXT NOT NULL,
    vector BLOB NOT NULL,
    indexed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (chunk, space)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX vectors_by_state ON vectors (space, indexed);

  CREATE TABLE index_removals (
    chunk INTEGER PRIMARY KEY
  ) STRICT;
  CREATE TRIGGER vector_removed AFTER DELETE ON chunks BEGIN
    INSERT OR IGNORE INTO index_removals VALUES (old.number);
  END;
  `,
];

/** The tables of a collection. The id is `Swsc`. */
export const SCHEMA: DatabaseSchema = {
  applicationId: 0x53_77_73_63,
  tables: ['collection', 'documents', 'chunks'],
  migrations: MIGRATIONS,
};
