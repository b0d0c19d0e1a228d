-- Links that are mailed to somebody who has an account. They are not among the
-- tokens of sign-ups, so that neither kind can do what the other one does. A
-- request for a link says which kind of mail it asks for. A user who is to get
-- another address keeps the present one until a link to the other is opened.

-- +goose Up
CREATE TABLE account_tokens (
    hash       TEXT    NOT NULL PRIMARY KEY CHECK (length(hash) <= 128),
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    purpose    TEXT    NOT NULL CHECK (length(purpose) <= 64),
    email_key  TEXT    NOT NULL CHECK (length(email_key) <= 1000),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;
CREATE INDEX account_tokens_user ON account_tokens (user_id);
CREATE INDEX account_tokens_expires ON account_tokens (expires_at);

-- SQLite cannot change what is unique in a table, so there is a new one.
ALTER TABLE link_requests RENAME TO old_link_requests;
DROP INDEX link_requests_at;
CREATE TABLE link_requests (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    email_key    TEXT    NOT NULL CHECK (length(email_key) <= 1000),
    username_key TEXT    NOT NULL CHECK (length(username_key) <= 1000),
    at           INTEGER NOT NULL,
    kind         TEXT    NOT NULL DEFAULT 'confirmation' CHECK (length(kind) <= 64),
    UNIQUE (email_key, username_key, kind)
) STRICT;
CREATE INDEX link_requests_at ON link_requests (at, seq);
INSERT INTO link_requests (seq, email_key, username_key, at) SELECT seq, email_key, username_key, at FROM old_link_requests;
DROP TABLE old_link_requests;

ALTER TABLE users ADD COLUMN new_email TEXT NOT NULL DEFAULT '' CHECK (length(new_email) <= 320);
ALTER TABLE users ADD COLUMN new_email_key TEXT NOT NULL DEFAULT '' CHECK (length(new_email_key) <= 1000);
ALTER TABLE users ADD COLUMN old_email TEXT NOT NULL DEFAULT '' CHECK (length(old_email) <= 320);
