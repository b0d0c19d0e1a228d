-- name: ValidToken :one
SELECT * FROM sign_up_tokens WHERE token_hash = @token_hash AND NOT used AND expires_at > @now;

-- name: Token :one
SELECT * FROM sign_up_tokens WHERE token_hash = @token_hash;

-- name: HasValidToken :one
SELECT EXISTS (SELECT 1 FROM sign_up_tokens WHERE user_id = @user_id AND NOT used AND expires_at > @now);

-- name: CreateToken :exec
INSERT INTO sign_up_tokens (id, user_id, claim_id, token_hash, address, created_at, expires_at, used)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: MarkTokenUsed :one
UPDATE sign_up_tokens SET used = true WHERE id = @id RETURNING *;

-- name: SpendToken :one
UPDATE sign_up_tokens SET used = true FROM users
WHERE token_hash = @token_hash AND NOT used AND expires_at > @now AND users.id = user_id
RETURNING sqlc.embed(sign_up_tokens), sqlc.embed(users);

-- The user can only be missing where foreign keys were not heeded.

-- name: SpendTokenOfNobody :one
UPDATE sign_up_tokens SET used = true WHERE token_hash = @token_hash AND NOT used AND expires_at > @now RETURNING *;

-- name: SpendUserTokens :exec
UPDATE sign_up_tokens SET used = true WHERE user_id = @user_id AND NOT used;

-- An array, because a subquery after IN may run more than once, and lock more
-- than its limit.

-- name: DeleteExpiredTokens :execrows
DELETE FROM sign_up_tokens WHERE id = ANY (ARRAY(
    SELECT t.id FROM sign_up_tokens AS t WHERE t.expires_at < @cutoff
    ORDER BY t.expires_at LIMIT @lim::bigint FOR UPDATE SKIP LOCKED
));
