-- name: Token :one
SELECT * FROM sign_up_tokens WHERE token_hash = @token_hash;

-- name: CreateToken :exec
INSERT INTO sign_up_tokens (id, user_id, token_hash, address, created_at, expires_at, used)
VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: MarkTokenUsed :one
UPDATE sign_up_tokens SET used = 1 WHERE id = @id RETURNING *;

-- name: SpendToken :one
UPDATE sign_up_tokens SET used = 1 WHERE token_hash = @token_hash AND used = 0 AND expires_at > @now RETURNING *;

-- name: SpendTokensOf :exec
UPDATE sign_up_tokens SET used = 1 WHERE user_id = @user_id AND used = 0;

-- name: SpendTokensAt :exec
UPDATE sign_up_tokens SET used = 1
WHERE used = 0 AND user_id IN (SELECT u.id FROM users AS u WHERE u.email_key = @email_key);
