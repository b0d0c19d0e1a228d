-- name: CountEvents :one
SELECT count(*) FROM audit_events WHERE action = @action AND at >= @since AND at < @till;

-- The trail with further filters walks back from @before; an empty action or
-- actor selects everything, and so do the times unless it is timed.

-- name: AuditFiltered :many
SELECT * FROM audit_events
WHERE id < @before
  AND (NOT @timed::boolean OR at >= @since AND at < @till)
  AND (@user_id::bigint = 0 OR user_id = @user_id::bigint)
  AND (@action::text = '' OR action = @action::text)
  AND (@actor::text = '' OR actor = @actor::text)
ORDER BY id DESC LIMIT @lim::bigint;
