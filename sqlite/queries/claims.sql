-- name: Claim :one
SELECT * FROM claims WHERE id = @id;

-- name: Claims :many
SELECT * FROM claims WHERE user_id = @user_id ORDER BY created_at, seq;

-- name: CreateClaim :exec
INSERT INTO claims (
    id, user_id, name, username, username_key, email, password_hash, language, profile, approval_required, created_at,
    terms_version, terms_at
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: DeleteClaim :execrows
DELETE FROM claims WHERE id = @id;

-- name: DeleteClaims :exec
DELETE FROM claims WHERE user_id = @user_id;
