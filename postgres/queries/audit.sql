-- An empty action or actor selects everything, and so do the times unless it is
-- timed. The two queries are one for each index that can lead.

-- name: AuditByUser :many
SELECT * FROM audit_events
WHERE user_id = @user_id
  AND (@action::text = '' OR action = @action::text)
  AND (@actor::text = '' OR actor = @actor::text)
  AND (NOT @timed::boolean OR at >= @since AND at < @till)
  AND id < @before
ORDER BY id DESC LIMIT @lim::bigint;

-- name: Audit :many
SELECT * FROM audit_events
WHERE (@user_id::bigint = 0 OR user_id = @user_id::bigint)
  AND (@action::text = '' OR action = @action::text)
  AND (@actor::text = '' OR actor = @actor::text)
  AND (NOT @timed::boolean OR at >= @since AND at < @till)
  AND id < @before
ORDER BY id DESC LIMIT @lim::bigint;

-- name: CountEvents :one
SELECT count(*) FROM audit_events WHERE action = @action AND at >= @since AND at < @till;

-- name: AddAudit :exec
INSERT INTO audit_events (at, actor, action, user_id, detail) VALUES ($1, $2, $3, $4, $5);
