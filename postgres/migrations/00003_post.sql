-- The delivery log, undeliverable addresses, reminders, and notices told in the
-- background.

-- +goose Up
ALTER TABLE users
    ADD COLUMN undeliverable_at timestamptz,
    ADD COLUMN reminded_at timestamptz,
    ADD COLUMN noticed_at timestamptz,
    ADD COLUMN notices_off boolean NOT NULL DEFAULT false;

-- Of whoever waits now the administrators know.
UPDATE users SET noticed_at = created_at WHERE status = 'pending_approval';

CREATE INDEX users_unnoticed ON users (id) WHERE status = 'pending_approval' AND noticed_at IS NULL;
CREATE INDEX users_noticed ON users (noticed_at) WHERE noticed_at IS NOT NULL;
CREATE INDEX users_unreminded ON users (created_at, id)
    WHERE verification_required AND verified_at IS NULL AND rejected_at IS NULL AND reminded_at IS NULL AND undeliverable_at IS NULL;

ALTER TABLE mails
    ADD COLUMN channel text NOT NULL DEFAULT '' CHECK (char_length(channel) <= 64),
    ADD COLUMN trying_since timestamptz,
    ADD COLUMN next_attempt_at timestamptz,
    DROP CONSTRAINT mails_state_check,
    ADD CONSTRAINT mails_state_check CHECK (state IN ('owed', 'sent', 'failed', 'superseded', 'cancelled'));
UPDATE mails SET trying_since = last_attempt_at;
ALTER TABLE mails ALTER COLUMN channel DROP DEFAULT;
CREATE INDEX mails_ended ON mails (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE mail_attempts (
    seq     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mail_id text        NOT NULL REFERENCES mails (id) ON DELETE CASCADE,
    at      timestamptz NOT NULL,
    phase   text        NOT NULL CHECK (char_length(phase) <= 64),
    answer  text        NOT NULL,
    outcome text        NOT NULL CHECK (outcome IN ('sent', 'again', 'failed'))
);
CREATE INDEX mail_attempts_mail ON mail_attempts (mail_id, seq);
