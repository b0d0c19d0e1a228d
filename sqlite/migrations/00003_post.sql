-- The delivery log, undeliverable addresses, reminders, and notices told in the
-- background.

-- +goose Up
ALTER TABLE users ADD COLUMN undeliverable_at INTEGER;
ALTER TABLE users ADD COLUMN reminded_at INTEGER;
ALTER TABLE users ADD COLUMN noticed_at INTEGER;
ALTER TABLE users ADD COLUMN notices_off INTEGER NOT NULL DEFAULT 0 CHECK (notices_off IN (0, 1));

-- Of whoever waits now the administrators know.
UPDATE users SET noticed_at = created_at WHERE status = 'pending_approval';

-- Those who wait for approval. Where users_status would do, it would be taken.
CREATE INDEX users_unnoticed ON users (id)
    WHERE approval_required = 1 AND approved_at IS NULL AND rejected_at IS NULL AND noticed_at IS NULL
    AND (verification_required = 0 OR verified_at IS NOT NULL);
CREATE INDEX users_noticed ON users (noticed_at) WHERE noticed_at IS NOT NULL;
CREATE INDEX users_unreminded ON users (created_at, id)
    WHERE verification_required = 1 AND verified_at IS NULL AND rejected_at IS NULL AND reminded_at IS NULL AND undeliverable_at IS NULL;

-- A CHECK cannot be changed in place.
CREATE TABLE mails_new (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT    NOT NULL UNIQUE CHECK (length(id) <= 64),
    kind            TEXT    NOT NULL CHECK (length(kind) <= 64),
    user_id         INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    recipient_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    claim_id        TEXT    NOT NULL CHECK (length(claim_id) <= 64),
    state           TEXT    NOT NULL CHECK (state IN ('owed', 'sent', 'failed', 'superseded', 'cancelled')),
    attempts        INTEGER NOT NULL CHECK (attempts >= 0),
    created_at      INTEGER NOT NULL,
    last_attempt_at INTEGER,
    ended_at        INTEGER,
    last_answer     TEXT    NOT NULL,
    channel         TEXT    NOT NULL CHECK (length(channel) <= 64),
    trying_since    INTEGER,
    next_attempt_at INTEGER
) STRICT;
INSERT INTO mails_new
SELECT seq, id, kind, user_id, recipient_id, claim_id, state, attempts, created_at, last_attempt_at, ended_at, last_answer,
    '', last_attempt_at, NULL
FROM mails;
DROP TABLE mails;
ALTER TABLE mails_new RENAME TO mails;
CREATE INDEX mails_created ON mails (created_at, seq);
CREATE INDEX mails_state ON mails (state, created_at, seq);
CREATE INDEX mails_user ON mails (user_id, created_at, seq);
CREATE INDEX mails_recipient ON mails (recipient_id, state);
CREATE INDEX mails_ended ON mails (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE mail_attempts (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    mail_id TEXT    NOT NULL REFERENCES mails (id) ON DELETE CASCADE,
    at      INTEGER NOT NULL,
    phase   TEXT    NOT NULL CHECK (length(phase) <= 64),
    answer  TEXT    NOT NULL,
    outcome TEXT    NOT NULL CHECK (outcome IN ('sent', 'again', 'failed'))
) STRICT;
CREATE INDEX mail_attempts_mail ON mail_attempts (mail_id, seq);
