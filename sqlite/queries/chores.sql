-- What is looked for in the background. The conditions are written as in the
-- partial indexes, which can be used only then.

-- Lapsed puts signup.LapsedQuery into SQL.

-- name: Lapsed :many
SELECT * FROM users WHERE users.id IN (
    SELECT unconfirmed.id FROM (
        SELECT u.id FROM users AS u
        WHERE u.status = 'unconfirmed' AND u.id > @after AND u.id < @before AND u.created_at < @unconfirmed_before
          AND (u.link_asked_at IS NULL OR u.link_asked_at < @link_before)
          AND u.approved_at IS NULL AND u.role = 'member' AND u.origin = 'signup'
          AND NOT EXISTS (
            SELECT 1 FROM mails AS m
            WHERE m.recipient_id = u.id AND m.state = 'owed' AND (m.attempts > 0 OR m.next_attempt_at IS NULL)
          )
        ORDER BY u.id LIMIT @lim
    ) AS unconfirmed
    UNION ALL
    SELECT rejected.id FROM (
        SELECT u.id FROM users AS u
        WHERE u.rejected_at IS NOT NULL AND u.id > @after AND u.id < @before AND u.rejected_at < @rejected_before
          AND u.role = 'member' AND u.origin = 'signup'
          AND NOT EXISTS (
            SELECT 1 FROM mails AS m
            WHERE m.recipient_id = u.id AND m.state = 'owed' AND (m.attempts > 0 OR m.next_attempt_at IS NULL)
          )
        ORDER BY u.id LIMIT @lim
    ) AS rejected
)
ORDER BY users.id LIMIT @lim;

-- Unreminded puts signup.ReminderQuery into SQL.

-- name: Unreminded :many
SELECT * FROM users
WHERE users.verification_required = 1 AND users.verified_at IS NULL AND users.rejected_at IS NULL
  AND users.reminded_at IS NULL AND users.undeliverable_at IS NULL
  AND users.created_at > @after AND users.created_at <= @till AND users.role = 'member' AND users.origin = 'signup'
  AND NOT EXISTS (
    SELECT 1 FROM users AS other
    WHERE other.email_key = users.email_key
      AND (other.status IN ('pending_approval', 'active', 'disabled') OR other.status = 'unconfirmed' AND other.id > users.id)
  )
  AND NOT EXISTS (SELECT 1 FROM mails AS m WHERE m.recipient_id = users.id AND m.state = 'owed')
ORDER BY users.created_at, users.id LIMIT @lim;

-- name: Waiting :one
SELECT
    CAST(EXISTS (
        SELECT 1 FROM users
        WHERE approval_required = 1 AND approved_at IS NULL AND rejected_at IS NULL AND noticed_at IS NULL
      AND (verification_required = 0 OR verified_at IS NOT NULL)
    ) AS BOOLEAN) AS unnoticed,
    CAST(EXISTS (SELECT 1 FROM link_requests) AS BOOLEAN) AS link_requests;

-- name: CountNoticed :one
SELECT count(*) FROM (
    SELECT 1 FROM users WHERE noticed_at IS NOT NULL AND noticed_at > @since LIMIT @lim
) AS noticed;

-- name: TakeUnnoticed :many
UPDATE users SET noticed_at = @now, version = version + 1
WHERE noticed_at IS NULL AND id IN (
    SELECT u.id FROM users AS u
    WHERE u.approval_required = 1 AND u.approved_at IS NULL AND u.rejected_at IS NULL AND u.noticed_at IS NULL
      AND (u.verification_required = 0 OR u.verified_at IS NOT NULL)
    ORDER BY u.id LIMIT @lim
)
RETURNING *;
