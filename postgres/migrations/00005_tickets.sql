-- What lets a browser see where the sign-up stands that it made, and which
-- terms a person accepted.

-- +goose Up
CREATE TABLE tickets (
    hash        text        NOT NULL PRIMARY KEY CHECK (char_length(hash) <= 128),
    user_id     bigint      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    claim_id    text        NOT NULL CHECK (char_length(claim_id) <= 64),
    held        text        NOT NULL,
    corrections integer     NOT NULL CHECK (corrections >= 0),
    resends     integer     NOT NULL CHECK (resends >= 0),
    asked_at    timestamptz NOT NULL,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL
);
CREATE INDEX tickets_user ON tickets (user_id);
CREATE INDEX tickets_expires ON tickets (expires_at);

ALTER TABLE users ADD COLUMN terms_version text NOT NULL DEFAULT '' CHECK (char_length(terms_version) <= 250);
ALTER TABLE users ADD COLUMN terms_at timestamptz;
ALTER TABLE claims ADD COLUMN terms_version text NOT NULL DEFAULT '' CHECK (char_length(terms_version) <= 250);
ALTER TABLE claims ADD COLUMN terms_at timestamptz;
