-- name: Token :one
SELECT * FROM sign_up_tokens WHERE token_hash = @token_hash;

-- name: CreateToken :exec
INSERT INTO sign_up_tokens (id, user_id, token_hash, address, created_at, expires_at, used, email_key)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: MarkTokenUsed :one
UPDATE sign_up_tokens SET used = true WHERE id = @id RETURNING *;

-- name: SpendToken :one
UPDATE sign_up_tokens SET used = true FROM users
WHERE token_hash = @token_hash AND NOT used AND expires_at > @now AND users.id = user_id
RETURNING sqlc.embed(sign_up_tokens), sqlc.embed(users);

-- name: SpendTokensAt :exec
UPDATE sign_up_tokens SET used = true WHERE email_key = @email_key AND NOT used;
