/** What a catalog offered. Released: never changed. */
export const TOOL_LISTS = `
  -- What tools a catalog offered, by its revision: journals name the revision.
  CREATE TABLE tool_lists (
    revision TEXT PRIMARY KEY,
    list TEXT NOT NULL,
    created_ms INTEGER NOT NULL
  ) STRICT;
  `;
