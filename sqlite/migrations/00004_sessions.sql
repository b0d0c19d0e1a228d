-- +goose Up
CREATE TABLE sessions (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT    NOT NULL UNIQUE CHECK (length(id) <= 64),
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash TEXT    NOT NULL UNIQUE CHECK (length(token_hash) <= 128),
    agent      TEXT    NOT NULL CHECK (length(agent) <= 250),
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id, seq);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- For the statistics: how often something happened, day by day.
CREATE INDEX audit_events_action ON audit_events (action, at);
