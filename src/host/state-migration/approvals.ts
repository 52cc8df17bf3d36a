/** Calls that a person is asked about. Released: never changed. */
export const APPROVALS = `
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
  `;
