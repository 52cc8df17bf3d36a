/** Tokens of clients. Released: never changed. */
export const CLIENT_TOKENS = `
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
  `;
