-- An administrator can disable an active user. PostgreSQL before 17 cannot change
-- the expression of a computed column, so status is made anew, with the indexes
-- that have it. Instances of an earlier version do not know the new columns, hence
-- the default.
--
-- users_verified_email is made after users_email: this rewrites the table, and of
-- two indexes that cost the same in a table that PostgreSQL knows to be empty, it
-- takes the later one.

-- +goose Up
DROP INDEX users_verified_email;
ALTER TABLE users
    DROP COLUMN status,
    ADD COLUMN disabled_at timestamptz,
    ADD COLUMN disabled_by text NOT NULL DEFAULT '' CHECK (char_length(disabled_by) <= 300);
ALTER TABLE users ADD COLUMN status text NOT NULL GENERATED ALWAYS AS (
    CASE
        WHEN rejected_at IS NOT NULL THEN 'rejected'
        WHEN verification_required AND verified_at IS NULL THEN 'unconfirmed'
        WHEN approval_required AND approved_at IS NULL THEN 'pending_approval'
        WHEN disabled_at IS NOT NULL THEN 'disabled'
        ELSE 'active'
    END
) STORED;
CREATE INDEX users_status ON users (status, id, created_at);
CREATE INDEX users_unnoticed ON users (id) WHERE status = 'pending_approval' AND noticed_at IS NULL;
CREATE INDEX users_email ON users (email_key, id, status);
CREATE UNIQUE INDEX users_verified_email ON users (email_key)
    WHERE rejected_at IS NULL AND (verified_at IS NOT NULL OR NOT verification_required);
