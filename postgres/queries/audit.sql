-- name: Audit :many
SELECT * FROM audit_events WHERE id < @before ORDER BY id DESC LIMIT @lim::bigint;

-- name: AuditByUser :many
SELECT * FROM audit_events
WHERE user_id = @user_id AND id < @before AND (@action::text = '' OR action = @action::text)
ORDER BY id DESC LIMIT @lim::bigint;

-- name: AddAudit :exec
INSERT INTO audit_events (at, actor, action, user_id, detail) VALUES ($1, $2, $3, $4, $5);
