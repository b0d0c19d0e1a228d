-- What lets a browser see where the sign-up stands that it made, and which
-- terms a person accepted.

-- +goose Up
CREATE TABLE tickets (
    hash        TEXT    NOT NULL PRIMARY KEY CHECK (length(hash) <= 128),
    user_id     INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    claim_id    TEXT    NOT NULL CHECK (length(claim_id) <= 64),
    held        TEXT    NOT NULL CHECK (held = '' OR json_valid(held)),
    corrections INTEGER NOT NULL CHECK (corrections >= 0),
    resends     INTEGER NOT NULL CHECK (resends >= 0),
    asked_at    INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX tickets_user ON tickets (user_id);
CREATE INDEX tickets_expires ON tickets (expires_at);

ALTER TABLE users ADD COLUMN terms_version TEXT NOT NULL DEFAULT '' CHECK (length(terms_version) <= 250);
ALTER TABLE users ADD COLUMN terms_at INTEGER;
ALTER TABLE claims ADD COLUMN terms_version TEXT NOT NULL DEFAULT '' CHECK (length(terms_version) <= 250);
ALTER TABLE claims ADD COLUMN terms_at INTEGER;
