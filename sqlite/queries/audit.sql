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

-- EventsAfter repeats the condition of the partial index, which SQLite needs in
-- order to use it. No types select every type.

-- name: EventsAfter :many
SELECT * FROM audit_events
WHERE position > @after AND position > 0
  AND (CAST(@types AS TEXT) = '[]' OR action IN (SELECT value FROM json_each(CAST(@types AS TEXT))))
ORDER BY position LIMIT @lim;

-- name: LastEvent :one
SELECT position, at, CAST(EXISTS (SELECT 1 FROM audit_events AS n WHERE n.position = 0) AS BOOLEAN) AS unnumbered
FROM audit_events WHERE position > 0 ORDER BY position DESC LIMIT 1;

-- name: UnnumberedEvents :many
SELECT id FROM audit_events WHERE position = 0 ORDER BY id LIMIT @lim;

-- name: NumberEvent :exec
UPDATE audit_events SET position = @position WHERE id = @id;
