-- name: ValidToken :one
SELECT * FROM sign_up_tokens WHERE token_hash = @token_hash AND used = 0 AND expires_at > @now;

-- name: Token :one
SELECT * FROM sign_up_tokens WHERE token_hash = @token_hash;

-- name: HasValidToken :one
SELECT CAST(EXISTS (
    SELECT 1 FROM sign_up_tokens WHERE user_id = @user_id AND used = 0 AND expires_at > @now
) AS INTEGER);

-- name: CreateToken :one
INSERT INTO sign_up_tokens (id, user_id, claim_id, token_hash, address, created_at, expires_at, used)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
RETURNING *;

-- name: MarkTokenUsed :one
UPDATE sign_up_tokens SET used = 1 WHERE id = @id RETURNING *;

-- name: SpendToken :one
UPDATE sign_up_tokens SET used = 1 WHERE token_hash = @token_hash AND used = 0 AND expires_at > @now RETURNING *;

-- name: SpendUserTokens :exec
UPDATE sign_up_tokens SET used = 1 WHERE user_id = @user_id AND used = 0;

-- name: DeleteExpiredTokens :execrows
DELETE FROM sign_up_tokens WHERE id IN (
    SELECT t.id FROM sign_up_tokens AS t WHERE t.expires_at < @cutoff ORDER BY t.expires_at LIMIT @lim
);
