-- name: AddLinkRequest :exec
INSERT INTO link_requests (email_key, username_key, at, kind) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING;

-- name: TakeLinkRequests :many
DELETE FROM link_requests WHERE seq = ANY (ARRAY(
    SELECT r.seq FROM link_requests AS r
    ORDER BY r.at, r.seq LIMIT @lim::bigint FOR UPDATE SKIP LOCKED
))
RETURNING *;
