-- Web hooks, which read the list of events, and what is sent to each of them. The
-- position of a hook moves in the transaction that adds the deliveries for the
-- events up to there. A delivery that has not ended and has no next_attempt_at
-- waits for an earlier event of the same user.

-- +goose Up
CREATE TABLE web_hooks (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    name               TEXT    NOT NULL UNIQUE CHECK (length(name) <= 100),
    url                TEXT    NOT NULL CHECK (length(url) <= 2000),
    types              TEXT    NOT NULL CHECK (length(types) <= 4000),
    secret             TEXT    NOT NULL CHECK (length(secret) <= 200),
    old_secret         TEXT    NOT NULL CHECK (length(old_secret) <= 200),
    old_secret_ends_at INTEGER,
    declared           INTEGER NOT NULL CHECK (declared IN (0, 1)),
    position           INTEGER NOT NULL CHECK (position >= 0),
    created_at         INTEGER NOT NULL,
    disabled_at        INTEGER,
    disabled_why       TEXT    NOT NULL CHECK (length(disabled_why) <= 1000)
) STRICT;

CREATE TABLE web_hook_deliveries (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    hook_id         INTEGER NOT NULL REFERENCES web_hooks (id) ON DELETE CASCADE,
    position        INTEGER NOT NULL CHECK (position > 0),
    user_id         INTEGER NOT NULL,
    type            TEXT    NOT NULL CHECK (length(type) <= 64),
    created_at      INTEGER NOT NULL,
    attempts        INTEGER NOT NULL CHECK (attempts >= 0),
    trying_since    INTEGER,
    last_attempt_at INTEGER,
    next_attempt_at INTEGER,
    last_answer     TEXT    NOT NULL CHECK (length(last_answer) <= 1000),
    ended_at        INTEGER CHECK (ended_at IS NULL OR next_attempt_at IS NULL),
    UNIQUE (hook_id, position)
) STRICT;
CREATE INDEX web_hook_deliveries_owed ON web_hook_deliveries (hook_id, user_id, position) WHERE ended_at IS NULL;
CREATE INDEX web_hook_deliveries_due ON web_hook_deliveries (hook_id, next_attempt_at, position) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX web_hook_deliveries_ended ON web_hook_deliveries (ended_at) WHERE ended_at IS NOT NULL;
