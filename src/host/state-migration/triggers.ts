/** Events that start runs, and how triggers stand. */
export const TRIGGERS = `
  -- Written down before anybody is told that it was taken; one occurrence has one row.
  CREATE TABLE trigger_events (
    key INTEGER PRIMARY KEY,
    config_file TEXT NOT NULL,
    trigger_name TEXT NOT NULL,
    event_id TEXT NOT NULL,
    -- When it happened, as whoever told it says, and when it was written down.
    at_ms INTEGER NOT NULL,
    received_ms INTEGER NOT NULL,
    -- Secrets masked. NULL: it started nothing, or its run was deleted.
    data TEXT,
    state TEXT NOT NULL CHECK (state IN ('pending', 'started', 'skipped', 'failed')),
    -- Why it was skipped or failed.
    reason TEXT,
    decided_ms INTEGER,
    -- Written together with the row of the run itself. Several events may have started one.
    run_id TEXT,
    -- Of the events of a run, the last.
    is_leading INTEGER NOT NULL DEFAULT 0,
    -- Its run is under way, or goes on by itself.
    is_open INTEGER NOT NULL DEFAULT 0,
    UNIQUE (config_file, trigger_name, event_id)
  ) STRICT;
  CREATE INDEX trigger_events_pending ON trigger_events (config_file, trigger_name, key) WHERE state = 'pending';
  CREATE INDEX trigger_events_open ON trigger_events (config_file, trigger_name) WHERE is_open = 1;
  CREATE INDEX trigger_events_started ON trigger_events (config_file, trigger_name, decided_ms) WHERE is_leading = 1;
  CREATE INDEX trigger_events_by_run ON trigger_events (run_id) WHERE run_id IS NOT NULL;
  CREATE INDEX trigger_events_by_age ON trigger_events (received_ms);

  CREATE TABLE trigger_states (
    config_file TEXT NOT NULL,
    trigger_name TEXT NOT NULL,
    paused_ms INTEGER,
    -- The schedule as it was, and up to when its times are dealt with.
    schedule TEXT,
    dealt_with_ms INTEGER,
    PRIMARY KEY (config_file, trigger_name)
  ) STRICT;

  CREATE TRIGGER trigger_events_of_run AFTER UPDATE OF status ON runs
  BEGIN
    UPDATE trigger_events SET is_open =
        new.status IN ('running', 'waiting') OR (new.status = 'suspended' AND new.reason IS NOT 'mismatch')
      WHERE run_id = new.id;
  END;
  CREATE TRIGGER trigger_events_of_deleted_run AFTER DELETE ON runs
  BEGIN
    UPDATE trigger_events SET is_open = 0, data = NULL WHERE run_id = old.id;
  END;
  `;
