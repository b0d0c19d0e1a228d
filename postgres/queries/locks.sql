-- What holds a user until the transaction ends; see ../hold.go. NO KEY UPDATE
-- lets others owe mails to the user meanwhile.

-- name: HoldUser :one
SELECT * FROM users WHERE id = @id FOR NO KEY UPDATE;

-- name: HoldUserByEmailKey :one
SELECT * FROM users WHERE email_key = @email_key FOR NO KEY UPDATE;

-- name: HoldUserOfMail :exec
SELECT 1 FROM users WHERE id = (SELECT m.user_id FROM mails AS m WHERE m.id = @mail_id) FOR NO KEY UPDATE;

-- name: MailAndUser :one
SELECT sqlc.embed(mails), sqlc.embed(users) FROM mails JOIN users ON users.id = mails.user_id WHERE mails.id = @mail_id;

-- name: HoldUserOfToken :exec
SELECT 1 FROM users
WHERE id = (SELECT t.user_id FROM sign_up_tokens AS t WHERE t.token_hash = @token_hash AND NOT t.used)
FOR NO KEY UPDATE;

-- HoldUserAlone also waits for those who owe him a mail or make him a token.

-- name: HoldUserAlone :exec
SELECT 1 FROM users WHERE id = @id FOR UPDATE;
