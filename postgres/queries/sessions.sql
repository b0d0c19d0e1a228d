-- name: SessionByHash :one
SELECT * FROM sessions WHERE token_hash = @token_hash;

-- name: Sessions :many
SELECT * FROM sessions WHERE user_id = @user_id ORDER BY seq DESC;

-- name: CreateSession :exec
INSERT INTO sessions (id, user_id, token_hash, agent, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: TouchSession :execrows
UPDATE sessions SET seen_at = @seen_at, expires_at = @expires_at WHERE id = @id;

-- An empty id selects all of the user's.

-- name: DeleteSessions :execrows
DELETE FROM sessions WHERE user_id = @user_id AND (@id::text = '' OR id = @id::text);
