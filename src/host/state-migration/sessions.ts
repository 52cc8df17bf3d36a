/** Conversations, stored results, and what was answered with "always". Released: never changed. */
export const SESSIONS = `
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    name TEXT,
    project TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    model TEXT
  ) STRICT;
  CREATE INDEX sessions_by_project ON sessions (project, updated_ms);

  -- One row a run, in the order in which they began; without an outcome it is under way or its host died.
  CREATE TABLE session_runs (
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    started_ms INTEGER NOT NULL,
    outcome TEXT,
    PRIMARY KEY (session_id, ordinal),
    UNIQUE (session_id, run_id)
  ) STRICT;

  CREATE TABLE messages (
    session_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (session_id, run_id, position),
    FOREIGN KEY (session_id, run_id) REFERENCES session_runs (session_id, run_id) ON DELETE CASCADE
  ) STRICT;

  -- The only place that keeps arguments as they were sent; those in messages have their secrets masked.
  CREATE TABLE tool_calls (
    session_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    call_id TEXT NOT NULL,
    name TEXT NOT NULL,
    arguments TEXT NOT NULL,
    PRIMARY KEY (session_id, run_id, position, call_id),
    FOREIGN KEY (session_id, run_id) REFERENCES session_runs (session_id, run_id) ON DELETE CASCADE
  ) STRICT;

  -- What the next requests carry in place of everything up to a message, since they were reduced to fit a model's window.
  CREATE TABLE session_views (
    session_id TEXT PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    run_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    messages TEXT NOT NULL
  ) STRICT;

  CREATE TABLE results (
    id TEXT PRIMARY KEY,
    actor TEXT NOT NULL,
    -- No reference: a run may belong to a session that a program around us keeps.
    session_id TEXT,
    tool TEXT NOT NULL,
    mime_type TEXT NOT NULL,
    is_text INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    characters INTEGER NOT NULL,
    lines INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    chunks TEXT NOT NULL,
    created_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX results_by_session ON results (session_id);
  CREATE TRIGGER results_of_session AFTER DELETE ON sessions
  BEGIN
    DELETE FROM results WHERE session_id = old.id;
  END;

  CREATE TABLE approval_rules (
    id INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    tool TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    UNIQUE (project, tool)
  ) STRICT;
  `;
