-- An empty action or actor selects everything, and so do the times unless it is
-- timed. The two queries are one for each index that can lead.

-- name: AuditByUser :many
SELECT * FROM audit_events
WHERE user_id = @user_id
  AND (CAST(@action AS TEXT) = '' OR action = CAST(@action AS TEXT))
  AND (CAST(@actor AS TEXT) = '' OR actor = CAST(@actor AS TEXT))
  AND (NOT CAST(@timed AS BOOLEAN) OR at >= @since AND at < @till)
  AND id < @before
ORDER BY id DESC LIMIT @lim;

-- name: Audit :many
SELECT * FROM audit_events
WHERE (CAST(@user_id AS INTEGER) = 0 OR user_id = CAST(@user_id AS INTEGER))
  AND (CAST(@action AS TEXT) = '' OR action = CAST(@action AS TEXT))
  AND (CAST(@actor AS TEXT) = '' OR actor = CAST(@actor AS TEXT))
  AND (NOT CAST(@timed AS BOOLEAN) OR at >= @since AND at < @till)
  AND id < @before
ORDER BY id DESC LIMIT @lim;

-- name: CountEvents :one
SELECT count(*) FROM audit_events WHERE action = @action AND at >= @since AND at < @till;

-- name: AddAudit :exec
INSERT INTO audit_events (at, actor, action, user_id, detail) VALUES (?, ?, ?, ?, ?);
