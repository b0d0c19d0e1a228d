-- name: CountEvents :one
SELECT count(*) FROM audit_events WHERE action = @action AND at >= @since AND at < @till;

-- The trail with further filters walks back from @before; an empty action or
-- actor selects everything, and so do the times unless it is timed.

-- name: AuditFiltered :many
SELECT * FROM audit_events
WHERE id < @before
  AND (CAST(@timed AS INTEGER) = 0 OR at >= @since AND at < @till)
  AND (CAST(@user_id AS INTEGER) = 0 OR user_id = CAST(@user_id AS INTEGER))
  AND (CAST(@action AS TEXT) = '' OR action = CAST(@action AS TEXT))
  AND (CAST(@actor AS TEXT) = '' OR actor = CAST(@actor AS TEXT))
ORDER BY id DESC LIMIT @lim;
