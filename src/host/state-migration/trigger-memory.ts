/** What sources of triggers saw last. Released: never changed. */
export const TRIGGER_MEMORY = `
  -- The state of a file, the content of a resource: what differs from it, also after a restart, is an event.
  CREATE TABLE trigger_memory (
    config_file TEXT NOT NULL,
    trigger_name TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (config_file, trigger_name, key)
  ) STRICT;
  `;
