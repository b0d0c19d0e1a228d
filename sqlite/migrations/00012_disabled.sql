-- An administrator can disable an active user. An expression of a computed column
-- cannot be changed, so status is made anew, with the indexes that have it.
-- Instances of an earlier version do not know the new columns, hence the default.

-- +goose Up
DROP INDEX users_status;
DROP INDEX users_email;
ALTER TABLE users DROP COLUMN status;
ALTER TABLE users ADD COLUMN disabled_at INTEGER;
ALTER TABLE users ADD COLUMN disabled_by TEXT NOT NULL DEFAULT '' CHECK (length(disabled_by) <= 300);
ALTER TABLE users ADD COLUMN status TEXT NOT NULL GENERATED ALWAYS AS (
    CASE
        WHEN rejected_at IS NOT NULL THEN 'rejected'
        WHEN verification_required = 1 AND verified_at IS NULL THEN 'unconfirmed'
        WHEN approval_required = 1 AND approved_at IS NULL THEN 'pending_approval'
        WHEN disabled_at IS NOT NULL THEN 'disabled'
        ELSE 'active'
    END
) VIRTUAL;
CREATE INDEX users_status ON users (status, id, created_at);
CREATE INDEX users_email ON users (email_key, id, status);
