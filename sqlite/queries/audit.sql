-- name: Audit :many
SELECT * FROM audit_events WHERE id < @before ORDER BY id DESC LIMIT @lim;

-- name: AuditByUser :many
SELECT * FROM audit_events
WHERE user_id = @user_id AND id < @before AND (CAST(@action AS TEXT) = '' OR action = CAST(@action AS TEXT))
ORDER BY id DESC LIMIT @lim;

-- name: AddAudit :exec
INSERT INTO audit_events (at, actor, action, user_id, detail) VALUES (?, ?, ?, ?, ?);
