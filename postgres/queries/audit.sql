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

-- EventsAfter repeats the condition of the partial index, which PostgreSQL needs
-- in order to use it. No types select every type.

-- name: EventsAfter :many
SELECT * FROM audit_events
WHERE position > @after AND position > 0
  AND (cardinality(@types::text[]) = 0 OR action = ANY (@types::text[]))
ORDER BY position LIMIT @lim::bigint;

-- name: LastEvent :one
SELECT position, at, EXISTS (SELECT 1 FROM audit_events AS n WHERE n.position = 0) AS unnumbered
FROM audit_events WHERE position > 0 ORDER BY position DESC LIMIT 1;

-- name: Unnumbered :one
SELECT EXISTS (SELECT 1 FROM audit_events WHERE position = 0);

-- HoldNumbers makes the transactions that run NumberEvents follow each other.

-- name: HoldNumbers :exec
SELECT pg_advisory_xact_lock(hashtextextended('audit_events.position', @seed));

-- name: NumberEvents :execrows
UPDATE audit_events SET position = numbered.position
FROM (
    SELECT
        n.id,
        row_number() OVER (ORDER BY n.id)
            + coalesce((SELECT e.position FROM audit_events AS e WHERE e.position > 0 ORDER BY e.position DESC LIMIT 1), 0) AS position
    FROM (SELECT u.id FROM audit_events AS u WHERE u.position = 0 ORDER BY u.id LIMIT @lim::bigint) AS n
) AS numbered
WHERE audit_events.id = numbered.id;
