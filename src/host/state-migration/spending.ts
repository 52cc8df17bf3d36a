export const SPENDING = `
  -- What settled calls came to, by whatever limits count for.
  CREATE TABLE spending (
    -- In the time zone of who spent it: 2026-11-27.
    day TEXT NOT NULL,
    workflow TEXT NOT NULL,
    actor TEXT NOT NULL,
    -- '' outside of a session. No reference: what was spent was spent.
    session_id TEXT NOT NULL,
    turns INTEGER NOT NULL DEFAULT 0,
    tool_calls INTEGER NOT NULL DEFAULT 0,
    tokens INTEGER NOT NULL DEFAULT 0,
    usd REAL NOT NULL DEFAULT 0,
    -- Model calls whose price nobody knows.
    unpriced INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (day, workflow, actor, session_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX spending_by_session ON spending (session_id);

  -- The most that calls under way may come to; void when their host is dead (hosts/).
  CREATE TABLE reservations (
    id INTEGER PRIMARY KEY,
    host TEXT NOT NULL,
    day TEXT NOT NULL,
    workflow TEXT NOT NULL,
    actor TEXT NOT NULL,
    session_id TEXT NOT NULL,
    tokens INTEGER NOT NULL,
    usd REAL NOT NULL,
    at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX reservations_by_day ON reservations (day);
  CREATE INDEX reservations_by_session ON reservations (session_id);
`;
