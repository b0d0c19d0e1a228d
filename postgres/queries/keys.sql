-- name: APIKeyByHash :one
SELECT * FROM api_keys WHERE hash = @hash;

-- name: APIKeys :many
SELECT * FROM api_keys ORDER BY created_at, seq;

-- name: CreateAPIKey :execrows
INSERT INTO api_keys (id, name, hash, created_at, revoked_at, scopes, ends_at, used_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING;

-- name: RevokeAPIKey :execrows
UPDATE api_keys SET revoked_at = @now WHERE id = @id AND revoked_at IS NULL;

-- name: TouchAPIKey :execrows
UPDATE api_keys SET used_at = @used_at WHERE id = @id;
