import { DatabaseSync } from 'node:sqlite';

/**
 * Cuts texts into stems exactly as the full-text index does, by letting the same tokenizer of SQLite do it in memory.
 * Returns the stems of each text in order.
 */
export function stemsOf(texts: readonly string[]): readonly (readonly string[])[] {
  using database = new DatabaseSync(':memory:');
  database.exec(`
    CREATE VIRTUAL TABLE texts USING fts5 (text, content = '', tokenize = 'porter unicode61 remove_diacritics 2');
    CREATE VIRTUAL TABLE stems USING fts5vocab (texts, 'instance');
    BEGIN;
  `);
  const insert = database.prepare('INSERT INTO texts (rowid, text) VALUES (?, ?)');
  for (const [index, text] of texts.entries()) insert.run(index, text);
  const stems: string[][] = texts.map(() => []);
  for (const row of database.prepare('SELECT doc, "offset", term FROM stems').iterate()) {
    const list = stems[Number(row['doc'])];
    if (list !== undefined) list[Number(row['offset'])] = String(row['term']);
  }
  return stems;
}
