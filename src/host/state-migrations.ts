/** What `state.db` holds: `[n]` brings version n to n + 1. Appended to, and never changed once it has been released. */
export const STATE_MIGRATIONS: readonly string[] = [
  `
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
  `,
  `
  -- Exchanges that memory does not hold yet; secrets masked.
  CREATE TABLE memory_queue (
    run_id TEXT PRIMARY KEY,
    -- No reference: a session may be kept by a program around us.
    session_id TEXT,
    project TEXT NOT NULL,
    queued_ms INTEGER NOT NULL,
    exchange TEXT NOT NULL,
    operations TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    worker_pid INTEGER
  ) STRICT;
  CREATE INDEX memory_queue_by_session ON memory_queue (project, session_id);
  CREATE TRIGGER memory_queue_of_session AFTER DELETE ON sessions
  BEGIN
    DELETE FROM memory_queue WHERE session_id = old.id;
  END;
  `,
  'ALTER TABLE memory_queue ADD COLUMN taken_ms INTEGER',
  `
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
  `,
  `
  -- What tools a catalog offered, by its revision: journals name the revision.
  CREATE TABLE tool_lists (
    revision TEXT PRIMARY KEY,
    list TEXT NOT NULL,
    created_ms INTEGER NOT NULL
  ) STRICT;
  `,
  `
  -- Calls that a person was asked about, with their arguments as they would be sent.
  CREATE TABLE approvals (
    id TEXT PRIMARY KEY,
    -- NULL: a call that belongs to no run that could wait.
    run_id TEXT,
    -- The step that asks.
    place TEXT NOT NULL,
    actor TEXT NOT NULL,
    project TEXT NOT NULL,
    session_id TEXT,
    tool TEXT NOT NULL,
    server TEXT NOT NULL,
    title TEXT NOT NULL,
    destructive INTEGER NOT NULL,
    reason TEXT,
    diff TEXT,
    arguments TEXT NOT NULL,
    arguments_hash TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'used', 'expired', 'cancelled')),
    -- What the person made of the arguments, and the hash to which the approval is bound.
    approved_arguments TEXT,
    approved_hash TEXT,
    decided_by TEXT,
    decided_ms INTEGER,
    decision_reason TEXT,
    used_by TEXT,
    UNIQUE (run_id, place)
  ) STRICT;
  CREATE INDEX approvals_by_state ON approvals (state, expires_ms);
  CREATE INDEX approvals_by_call ON approvals (tool, arguments_hash) WHERE run_id IS NULL;
  CREATE INDEX approvals_by_session ON approvals (session_id);

  -- "Always" for a session (place: its id), a folder (place: the folder) or a person (place: '').
  CREATE TABLE scoped_rules (
    id INTEGER PRIMARY KEY,
    scope TEXT NOT NULL CHECK (scope IN ('session', 'folder', 'person')),
    place TEXT NOT NULL,
    actor TEXT NOT NULL,
    tool TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    UNIQUE (scope, place, actor, tool)
  ) STRICT;
  INSERT INTO scoped_rules (id, scope, place, actor, tool, created_ms)
    SELECT id, 'folder', project, 'person', tool, created_ms FROM approval_rules;
  DROP TABLE approval_rules;
  ALTER TABLE scoped_rules RENAME TO approval_rules;

  CREATE TRIGGER approvals_of_session AFTER DELETE ON sessions
  BEGIN
    DELETE FROM approvals WHERE session_id = old.id;
    DELETE FROM approval_rules WHERE scope = 'session' AND place = old.id;
  END;
  CREATE TRIGGER approvals_of_run AFTER DELETE ON runs
  BEGIN
    DELETE FROM approvals WHERE run_id = old.id;
  END;
  CREATE TRIGGER approvals_of_ended_run AFTER UPDATE OF status ON runs
    WHEN new.status IN ('done', 'failed', 'cancelled')
  BEGIN
    UPDATE approvals SET state = 'cancelled' WHERE run_id = new.id AND state IN ('pending', 'approved');
  END;
  `,
  `
  ALTER TABLE results ADD COLUMN run_id TEXT;
  CREATE INDEX results_by_run ON results (run_id);

  -- What belongs to a run goes with it.
  CREATE TRIGGER parts_of_run AFTER DELETE ON runs
  BEGIN
    DELETE FROM results WHERE run_id = old.id;
    DELETE FROM memory_queue WHERE run_id = old.id;
    DELETE FROM session_runs WHERE session_id = old.session_id AND run_id = old.id;
  END;

  -- A view that stands for what a deleted run said holds it still.
  CREATE TRIGGER view_of_session_run AFTER DELETE ON session_runs
  BEGIN
    DELETE FROM session_views WHERE session_id = old.session_id AND coalesce(
      (SELECT ordinal FROM session_runs WHERE session_id = old.session_id AND run_id = session_views.run_id),
      old.ordinal) >= old.ordinal;
  END;

  -- A run that nobody works on is cancelled by whoever comes along, and its session is told.
  CREATE TRIGGER session_of_cancelled_run AFTER UPDATE OF status ON runs WHEN new.status = 'cancelled'
  BEGIN
    UPDATE session_runs SET outcome = 'cancelled'
      WHERE session_id = new.session_id AND run_id = new.id AND outcome IS NULL;
  END;
  `,
  `
  -- What was said before runs, each as what it adds to one before (base; NULL: from the beginning). Journals name it.
  CREATE TABLE histories (
    revision TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    base TEXT,
    messages TEXT NOT NULL
  ) STRICT;
  CREATE INDEX histories_by_session ON histories (session_id);
  CREATE INDEX journal_of_histories ON journal (name) WHERE type = 'step' AND name = 'history';
  `,
  `
  -- Who may use serve --http. Of a token itself only a hash is kept.
  CREATE TABLE client_tokens (
    -- Stands in the token, and is no secret.
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    sha256 BLOB NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER,
    last_used_ms INTEGER
  ) STRICT;
  `,
];
