-- The delivery log, and what is owed in the background. The conditions are
-- written as in the partial indexes, which can be used only then.

-- name: MailAttempts :many
SELECT * FROM mail_attempts WHERE mail_id = @mail_id ORDER BY seq;

-- name: AddMailAttempt :exec
INSERT INTO mail_attempts (mail_id, at, phase, answer, outcome) VALUES ($1, $2, $3, $4, $5);

-- name: DeleteEndedMails :execrows
DELETE FROM mails WHERE seq = ANY (ARRAY(
    SELECT m.seq FROM mails AS m WHERE m.ended_at IS NOT NULL AND m.ended_at < @cutoff
    ORDER BY m.ended_at LIMIT @lim::bigint FOR UPDATE SKIP LOCKED
));

-- name: Unreminded :many
SELECT * FROM users
WHERE users.verification_required AND users.verified_at IS NULL AND users.rejected_at IS NULL
  AND users.reminded_at IS NULL AND users.undeliverable_at IS NULL
  AND users.created_at > @after AND users.created_at <= @till AND users.role = 'member' AND users.origin = 'signup'
  AND NOT EXISTS (SELECT 1 FROM claims AS c WHERE c.user_id = users.id)
  AND NOT EXISTS (SELECT 1 FROM mails AS m WHERE m.recipient_id = users.id AND m.state = 'owed')
ORDER BY users.created_at, users.id LIMIT @lim::bigint;

-- name: HasUnnoticed :one
SELECT EXISTS (
    SELECT 1 FROM users WHERE status = 'pending_approval' AND noticed_at IS NULL
);

-- name: CountNoticed :one
SELECT count(*) FROM (
    SELECT 1 FROM users WHERE noticed_at IS NOT NULL AND noticed_at > @since LIMIT @lim::bigint
) AS noticed;

-- name: TakeUnnoticed :many
UPDATE users SET noticed_at = @now, version = version + 1
WHERE noticed_at IS NULL AND id = ANY (ARRAY(
    SELECT u.id FROM users AS u
    WHERE u.status = 'pending_approval' AND u.noticed_at IS NULL
    ORDER BY u.id LIMIT @lim::bigint FOR NO KEY UPDATE
))
RETURNING *;
