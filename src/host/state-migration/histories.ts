/** What was said before runs. Released: never changed. */
export const HISTORIES = `
  -- What was said before runs, each as what it adds to one before (base; NULL: from the beginning). Journals name it.
  CREATE TABLE histories (
    revision TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    base TEXT,
    messages TEXT NOT NULL
  ) STRICT;
  CREATE INDEX histories_by_session ON histories (session_id);
  CREATE INDEX journal_of_histories ON journal (name) WHERE type = 'step' AND name = 'history';
  `;
