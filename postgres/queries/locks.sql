-- What holds a user or an address until the transaction ends; see ../hold.go.
-- NO KEY UPDATE lets others owe mails to the user meanwhile.

-- name: HoldUser :one
SELECT * FROM users WHERE id = @id FOR NO KEY UPDATE;

-- name: HoldUserByEmailKey :exec
SELECT 1 FROM users
WHERE email_key = @email_key AND rejected_at IS NULL AND (verified_at IS NOT NULL OR NOT verification_required)
FOR NO KEY UPDATE;

-- name: HeldUserByEmailKey :one
SELECT * FROM users
WHERE email_key = @email_key AND rejected_at IS NULL AND (verified_at IS NOT NULL OR NOT verification_required)
FOR NO KEY UPDATE;

-- name: HoldUserByUsernameKey :exec
SELECT 1 FROM users WHERE id = coalesce(
    (SELECT a.id FROM users AS a WHERE a.username_key = @username_key AND a.rejected_at IS NULL),
    (SELECT max(r.id) FROM users AS r WHERE r.username_key = @username_key AND r.rejected_at IS NOT NULL)
) FOR NO KEY UPDATE;

-- name: HeldUserByUsernameKey :one
SELECT * FROM users WHERE id = coalesce(
    (SELECT a.id FROM users AS a WHERE a.username_key = @username_key AND a.rejected_at IS NULL),
    (SELECT max(r.id) FROM users AS r WHERE r.username_key = @username_key AND r.rejected_at IS NOT NULL)
) FOR NO KEY UPDATE;

-- name: HoldUserOfMail :exec
SELECT 1 FROM users WHERE id = (SELECT m.user_id FROM mails AS m WHERE m.id = @mail_id) FOR NO KEY UPDATE;

-- name: MailAndUser :one
SELECT sqlc.embed(mails), sqlc.embed(users) FROM mails JOIN users ON users.id = mails.user_id WHERE mails.id = @mail_id;

-- name: HoldUserOfToken :exec
SELECT 1 FROM users
WHERE id = (SELECT t.user_id FROM sign_up_tokens AS t WHERE t.token_hash = @token_hash AND NOT t.used)
FOR NO KEY UPDATE;

-- name: HoldUserOfAccountToken :exec
SELECT 1 FROM users
WHERE id = (SELECT t.user_id FROM account_tokens AS t WHERE t.hash = @hash AND t.used_at IS NULL)
FOR NO KEY UPDATE;

-- The seed keeps our locks apart from those of other programs.

-- name: HoldAddress :exec
SELECT pg_advisory_xact_lock(hashtextextended(@email_key, @seed));

-- KeepUsers makes sure that the users are not deleted before the transaction
-- ends, as a foreign key does, and counts those there are.

-- name: KeepUsers :many
SELECT id FROM users WHERE id = ANY (@ids::bigint[]) ORDER BY id FOR KEY SHARE;
