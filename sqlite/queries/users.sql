-- name: User :one
SELECT * FROM users WHERE id = @id;

-- name: UserByEmailKey :one
SELECT * FROM users WHERE email_key = @email_key;

-- name: UserByUsernameKey :one
SELECT users.* FROM usernames JOIN users ON users.id = usernames.user_id WHERE usernames.key = @key;

-- The list queries come in three forms, one for each index that can lead: few
-- are administrators, few of the others are in a status that a person asks for.
-- An empty status, role or search selects everything.

-- name: Admins :many
SELECT * FROM users
WHERE role = 'admin' AND id < @before
  AND (CAST(@status AS TEXT) = '' OR status = CAST(@status AS TEXT))
  AND instr(search, CAST(@search AS TEXT)) > 0
ORDER BY id DESC LIMIT @lim;

-- name: UsersByStatus :many
SELECT * FROM users
WHERE status = CAST(@status AS TEXT) AND id < @before
  AND (CAST(@role AS TEXT) = '' OR role = CAST(@role AS TEXT))
  AND instr(search, CAST(@search AS TEXT)) > 0
ORDER BY id DESC LIMIT @lim;

-- name: Users :many
SELECT * FROM users
WHERE id < @before
  AND (CAST(@role AS TEXT) = '' OR role = CAST(@role AS TEXT))
  AND instr(search, CAST(@search AS TEXT)) > 0
ORDER BY id DESC LIMIT @lim;

-- name: CountAdmins :one
SELECT count(*) FROM users
WHERE role = 'admin'
  AND (CAST(@status AS TEXT) = '' OR status = CAST(@status AS TEXT))
  AND (CAST(@search AS TEXT) = '' OR instr(search, CAST(@search AS TEXT)) > 0);

-- name: CountUsersByStatus :one
SELECT count(*) FROM users
WHERE status = CAST(@status AS TEXT)
  AND (CAST(@role AS TEXT) = '' OR role = CAST(@role AS TEXT))
  AND (CAST(@search AS TEXT) = '' OR instr(search, CAST(@search AS TEXT)) > 0);

-- name: CountUsers :one
SELECT count(*) FROM users
WHERE (CAST(@role AS TEXT) = '' OR role = CAST(@role AS TEXT))
  AND (CAST(@search AS TEXT) = '' OR instr(search, CAST(@search AS TEXT)) > 0);

-- name: CreateUser :one
INSERT INTO users (
    name, username, username_key, email, email_key, password_hash, language, profile, role, origin,
    verification_required, approval_required, created_at, verified_at, approved_at, approved_by,
    rejected_at, rejected_by, rejection_reason, rejection_note, corrections, search,
    undeliverable_at, reminded_at, noticed_at, notices_off, terms_version, terms_at, version
) VALUES (
    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1
)
ON CONFLICT (email_key) DO NOTHING
RETURNING id;

-- name: UpdateUser :execrows
UPDATE users SET
    name = @name, username = @username, username_key = @username_key, email = @email, email_key = @email_key,
    password_hash = @password_hash, language = @language, profile = @profile, role = @role, origin = @origin,
    verification_required = @verification_required, approval_required = @approval_required,
    verified_at = @verified_at, approved_at = @approved_at, approved_by = @approved_by,
    rejected_at = @rejected_at, rejected_by = @rejected_by,
    rejection_reason = @rejection_reason, rejection_note = @rejection_note,
    corrections = @corrections, search = @search,
    undeliverable_at = @undeliverable_at, reminded_at = @reminded_at, noticed_at = @noticed_at, notices_off = @notices_off,
    terms_version = @terms_version, terms_at = @terms_at, version = version + 1
WHERE id = @id AND version = @version;

-- name: DeleteUser :execrows
DELETE FROM users WHERE id = @id;

-- name: ReserveUsername :execrows
INSERT INTO usernames (key, user_id)
SELECT @key, @user_id WHERE NOT EXISTS (
    SELECT 1 FROM held_usernames AS h WHERE h.key = @key AND h.user_id <> @user_id AND h.expires_at > @now
)
ON CONFLICT (key) DO UPDATE SET user_id = excluded.user_id WHERE usernames.user_id = excluded.user_id;

-- name: HoldUsername :execrows
INSERT INTO held_usernames (key, user_id, expires_at)
SELECT @key, @user_id, @expires_at WHERE NOT EXISTS (
    SELECT 1 FROM usernames AS u WHERE u.key = @key AND u.user_id <> @user_id
)
ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at WHERE held_usernames.user_id = excluded.user_id;

-- name: LetGoUsername :exec
DELETE FROM held_usernames WHERE key = @key AND user_id = @user_id;

-- name: LetGoIfExpired :exec
DELETE FROM held_usernames WHERE key = @key AND expires_at <= @now;

-- name: DeleteExpiredUsernames :execrows
DELETE FROM held_usernames WHERE key IN (
    SELECT h.key FROM held_usernames AS h WHERE h.expires_at < @cutoff ORDER BY h.expires_at LIMIT @lim
);

-- name: ReleaseUsernames :exec
DELETE FROM usernames WHERE user_id = @user_id AND key <> @keep;
