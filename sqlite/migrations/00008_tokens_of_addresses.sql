-- A token proves that somebody reads the mailbox, whatever became of the sign-up
-- that it was mailed for. So it stays when the user is deleted, and is closed by
-- the key of its address. That key is the user's, unless the address was corrected
-- since: then lower case comes close enough, because such a token was closed.

-- +goose Up
CREATE TABLE new_sign_up_tokens (
    id         TEXT    NOT NULL PRIMARY KEY CHECK (length(id) <= 64),
    user_id    INTEGER NOT NULL,
    token_hash TEXT    NOT NULL UNIQUE CHECK (length(token_hash) <= 128),
    address    TEXT    NOT NULL CHECK (length(address) <= 320),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used       INTEGER NOT NULL DEFAULT 0 CHECK (used IN (0, 1)),
    email_key  TEXT    NOT NULL CHECK (length(email_key) <= 1000)
) STRICT;
INSERT INTO new_sign_up_tokens (id, user_id, token_hash, address, created_at, expires_at, used, email_key)
SELECT
    t.id, t.user_id, t.token_hash, t.address, t.created_at, t.expires_at, t.used,
    CASE WHEN t.address = u.email THEN u.email_key ELSE lower(t.address) END
FROM sign_up_tokens AS t JOIN users AS u ON u.id = t.user_id;
DROP TABLE sign_up_tokens;
ALTER TABLE new_sign_up_tokens RENAME TO sign_up_tokens;
CREATE INDEX sign_up_tokens_email ON sign_up_tokens (email_key);
CREATE INDEX sign_up_tokens_expires ON sign_up_tokens (expires_at);
