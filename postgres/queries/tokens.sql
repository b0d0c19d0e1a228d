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

-- name: AccountToken :one
SELECT * FROM account_tokens WHERE hash = @hash;

-- name: CreateAccountToken :exec
INSERT INTO account_tokens (hash, user_id, purpose, email_key, created_at, expires_at, used_at)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: SpendAccountToken :one
UPDATE account_tokens SET used_at = @now FROM users
WHERE hash = @hash AND purpose = @purpose AND used_at IS NULL AND expires_at > @now AND users.id = user_id
RETURNING sqlc.embed(account_tokens), sqlc.embed(users);

-- name: CloseAccountTokens :exec
UPDATE account_tokens SET used_at = @now WHERE user_id = @user_id AND purpose = @purpose AND used_at IS NULL;
