-- Links that are mailed to somebody who has an account. They are not among the
-- tokens of sign-ups, so that neither kind can do what the other one does. A
-- request for a link says which kind of mail it asks for. A user who is to get
-- another address keeps the present one until a link to the other is opened.

-- +goose Up
CREATE TABLE account_tokens (
    hash       text        NOT NULL PRIMARY KEY CHECK (char_length(hash) <= 128),
    user_id    bigint      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    purpose    text        NOT NULL CHECK (char_length(purpose) <= 64),
    email_key  text        NOT NULL CHECK (char_length(email_key) <= 1000),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX account_tokens_user ON account_tokens (user_id);
CREATE INDEX account_tokens_expires ON account_tokens (expires_at);

ALTER TABLE link_requests
    ADD COLUMN kind text NOT NULL DEFAULT 'confirmation' CHECK (char_length(kind) <= 64),
    DROP CONSTRAINT link_requests_email_key_username_key_key,
    ADD CONSTRAINT link_requests_once UNIQUE (email_key, username_key, kind);

ALTER TABLE users
    ADD COLUMN new_email text NOT NULL DEFAULT '' CHECK (char_length(new_email) <= 320),
    ADD COLUMN new_email_key text NOT NULL DEFAULT '' CHECK (char_length(new_email_key) <= 1000),
    ADD COLUMN old_email text NOT NULL DEFAULT '' CHECK (char_length(old_email) <= 320);
