/** Runs, their journals, and the hosts that own them. Released: never changed. */
export const RUNS = `
  -- Processes that own runs, or did when they died; which of the two, the lock files in hosts/ tell.
  CREATE TABLE hosts (
    id TEXT PRIMARY KEY,
    pid INTEGER NOT NULL,
    started_ms INTEGER NOT NULL,
    -- Counted up while it is alive: a clock may be set back.
    heartbeat INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  CREATE TABLE runs (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    workflow TEXT NOT NULL,
    workflow_revision TEXT NOT NULL,
    program_version TEXT NOT NULL,
    actor TEXT NOT NULL,
    -- No reference: a session may be kept by a program around us.
    session_id TEXT,
    config_file TEXT,
    project TEXT NOT NULL,
    -- As it was given.
    input TEXT NOT NULL,
    budget TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    owner TEXT,
    -- Grows with each owner; every write of a journal is made under the one of its owner.
    fence INTEGER NOT NULL,
    cancel_reason TEXT,
    -- How many signals there were when it was left.
    signals_seen INTEGER NOT NULL DEFAULT 0,
    -- When the first of its waits gives up.
    wake_ms INTEGER,
    forked_from TEXT,
    forked_at INTEGER,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX runs_by_project ON runs (project, created_ms);
  CREATE INDEX runs_by_session ON runs (session_id);
  CREATE INDEX runs_by_owner ON runs (owner) WHERE owner IS NOT NULL;

  -- Appended, never changed. It holds arguments as they were sent. Not WITHOUT ROWID: there a body of more than 1 KB takes
  -- pages of its own.
  CREATE TABLE journal (
    run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    type TEXT NOT NULL,
    path TEXT NOT NULL,
    ordinal INTEGER,
    name TEXT NOT NULL,
    -- JSON; NULL where it is kept in a file beside.
    body TEXT,
    failed INTEGER NOT NULL DEFAULT 0,
    at_ms INTEGER NOT NULL,
    duration_ms REAL,
    PRIMARY KEY (run, number)
  ) STRICT;

  CREATE TABLE signals (
    number INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX signals_by_run ON signals (run, name, number);

  CREATE TRIGGER runs_of_session AFTER DELETE ON sessions
  BEGIN
    DELETE FROM runs WHERE session_id = old.id;
  END;
  `;
