/** What goes with a run that is deleted or cancelled. Released: never changed. */
export const PARTS_OF_RUNS = `
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
  `;
