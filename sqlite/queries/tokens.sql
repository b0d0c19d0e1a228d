-- name: Token :one
SELECT * FROM sign_up_tokens WHERE token_hash = @token_hash;

-- name: CreateToken :execrows
INSERT INTO sign_up_tokens (id, user_id, token_hash, address, created_at, expires_at, used, email_key)
SELECT @id, @user_id, @token_hash, @address, @created_at, @expires_at, @used, @email_key
WHERE EXISTS (SELECT 1 FROM users AS u WHERE u.id = @user_id);

-- name: MarkTokenUsed :one
UPDATE sign_up_tokens SET used = 1 WHERE id = @id RETURNING *;

-- name: SpendToken :one
UPDATE sign_up_tokens SET used = 1 WHERE token_hash = @token_hash AND used = 0 AND expires_at > @now RETURNING *;

-- name: SpendTokensAt :exec
UPDATE sign_up_tokens SET used = 1 WHERE email_key = @email_key AND used = 0;

-- Of the user's own address, by whose index they are found.

-- name: DeleteUsedTokens :exec
DELETE FROM sign_up_tokens
WHERE email_key = (SELECT u.email_key FROM users AS u WHERE u.id = @user_id) AND user_id = @user_id AND used = 1;
