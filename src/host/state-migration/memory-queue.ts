/** What is still to be put into memory. Released: never changed. */
export const MEMORY_QUEUE = `
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
  `;
