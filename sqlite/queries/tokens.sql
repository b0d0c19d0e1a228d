-- name: Token :one
SELECT * FROM sign_up_tokens WHERE token_hash = @token_hash;

-- name: CreateToken :exec
INSERT INTO sign_up_tokens (id, user_id, token_hash, address, created_at, expires_at, used, email_key)
VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- name: MarkTokenUsed :one
UPDATE sign_up_tokens SET used = 1 WHERE id = @id RETURNING *;

-- name: SpendToken :one
UPDATE sign_up_tokens SET used = 1 WHERE token_hash = @token_hash AND used = 0 AND expires_at > @now RETURNING *;

-- name: SpendTokensAt :exec
UPDATE sign_up_tokens SET used = 1 WHERE email_key = @email_key AND used = 0;

-- name: AccountToken :one
SELECT * FROM account_tokens WHERE hash = @hash;

-- name: CreateAccountToken :exec
INSERT INTO account_tokens (hash, user_id, purpose, email_key, created_at, expires_at, used_at)
VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: SpendAccountToken :one
UPDATE account_tokens SET used_at = @now
WHERE hash = @hash AND purpose = @purpose AND used_at IS NULL AND expires_at > @now RETURNING *;

-- name: CloseAccountTokens :exec
UPDATE account_tokens SET used_at = @now WHERE user_id = @user_id AND purpose = @purpose AND used_at IS NULL;
