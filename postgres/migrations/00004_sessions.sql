-- +goose Up
CREATE TABLE sessions (
    seq        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id         text        NOT NULL UNIQUE CHECK (char_length(id) <= 64),
    user_id    bigint      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash text        NOT NULL UNIQUE CHECK (char_length(token_hash) <= 128),
    agent      text        NOT NULL CHECK (char_length(agent) <= 250),
    created_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id, seq);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- For the statistics: how often something happened, day by day.
CREATE INDEX audit_events_action ON audit_events (action, at);
