-- name: User :one
SELECT * FROM users WHERE id = @id;

-- The conditions are those of the partial indexes, which can be used only then.

-- name: UserByEmailKey :one
SELECT * FROM users
WHERE email_key = @email_key AND rejected_at IS NULL AND (verified_at IS NOT NULL OR verification_required = 0);

-- name: UserByUsernameKey :one
SELECT * FROM users WHERE id = coalesce(
    (SELECT a.id FROM users AS a WHERE a.username_key = @username_key AND a.rejected_at IS NULL),
    (SELECT max(r.id) FROM users AS r WHERE r.username_key = @username_key AND r.rejected_at IS NOT NULL)
);

-- Taken tells which unique index keeps a user from being stored.

-- name: Taken :one
SELECT
    CAST(EXISTS (SELECT 1 FROM users AS a WHERE a.username_key = @username_key AND a.rejected_at IS NULL AND a.id <> @id) AS BOOLEAN) AS username,
    CAST(EXISTS (
        SELECT 1 FROM users AS h
        WHERE h.email_key = @email_key AND h.rejected_at IS NULL AND (h.verified_at IS NOT NULL OR h.verification_required = 0)
          AND h.id <> @id
    ) AS BOOLEAN) AS address;

-- name: UsersByID :many
SELECT * FROM users WHERE id IN (SELECT value FROM json_each(CAST(@ids AS TEXT))) ORDER BY id;

-- name: AddressUses :many
SELECT
    email_key,
    CAST(max(CASE WHEN status IN ('pending_approval', 'active', 'disabled') THEN id ELSE 0 END) AS INTEGER) AS holder_id,
    count(CASE WHEN status = 'unconfirmed' THEN 1 END) AS unconfirmed
FROM users WHERE email_key IN (SELECT value FROM json_each(CAST(@keys AS TEXT)))
GROUP BY email_key;

-- The list queries come in one form for each index that can lead (see
-- rows.LeadingIndex) and each direction. An empty status, role, address or search
-- selects everything.

-- name: Users :many
SELECT * FROM users
WHERE (CAST(@status AS TEXT) = '' OR status = CAST(@status AS TEXT))
  AND (CAST(@role AS TEXT) = '' OR role = CAST(@role AS TEXT))
  AND (CAST(@email_key AS TEXT) = '' OR email_key = CAST(@email_key AS TEXT))
  AND (CAST(@search AS TEXT) = '' OR instr(search, CAST(@search AS TEXT)) > 0)
  AND id > @after AND id < @before
ORDER BY id DESC LIMIT @lim;

-- name: UsersOldestFirst :many
SELECT * FROM users
WHERE (CAST(@status AS TEXT) = '' OR status = CAST(@status AS TEXT))
  AND (CAST(@role AS TEXT) = '' OR role = CAST(@role AS TEXT))
  AND (CAST(@email_key AS TEXT) = '' OR email_key = CAST(@email_key AS TEXT))
  AND (CAST(@search AS TEXT) = '' OR instr(search, CAST(@search AS TEXT)) > 0)
  AND id > @after AND id < @before
ORDER BY id LIMIT @lim;

-- name: UsersByStatus :many
SELECT * FROM users
WHERE status = CAST(@status AS TEXT)
  AND (CAST(@role AS TEXT) = '' OR role = CAST(@role AS TEXT))
  AND (CAST(@email_key AS TEXT) = '' OR email_key = CAST(@email_key AS TEXT))
  AND (CAST(@search AS TEXT) = '' OR instr(search, CAST(@search AS TEXT)) > 0)
  AND id > @after AND id < @before
ORDER BY id DESC LIMIT @lim;

-- name: UsersByStatusOldestFirst :many
SELECT * FROM users
WHERE status = CAST(@status AS TEXT)
  AND (CAST(@role AS TEXT) = '' OR role = CAST(@role AS TEXT))
  AND (CAST(@email_key AS TEXT) = '' OR email_key = CAST(@email_key AS TEXT))
  AND (CAST(@search AS TEXT) = '' OR instr(search, CAST(@search AS TEXT)) > 0)
  AND id > @after AND id < @before
ORDER BY id LIMIT @lim;

-- name: Admins :many
SELECT * FROM users
WHERE role = 'admin' AND (CAST(@status AS TEXT) = '' OR status = CAST(@status AS TEXT))
  AND (CAST(@role AS TEXT) = '' OR role = CAST(@role AS TEXT))
  AND (CAST(@email_key AS TEXT) = '' OR email_key = CAST(@email_key AS TEXT))
  AND (CAST(@search AS TEXT) = '' OR instr(search, CAST(@search AS TEXT)) > 0)
  AND id > @after AND id < @before
ORDER BY id DESC LIMIT @lim;

-- name: AdminsOldestFirst :many
SELECT * FROM users
WHERE role = 'admin' AND (CAST(@status AS TEXT) = '' OR status = CAST(@status AS TEXT))
  AND (CAST(@role AS TEXT) = '' OR role = CAST(@role AS TEXT))
  AND (CAST(@email_key AS TEXT) = '' OR email_key = CAST(@email_key AS TEXT))
  AND (CAST(@search AS TEXT) = '' OR instr(search, CAST(@search AS TEXT)) > 0)
  AND id > @after AND id < @before
ORDER BY id LIMIT @lim;

-- name: UsersByAddress :many
SELECT * FROM users
WHERE (CAST(@status AS TEXT) = '' OR status = CAST(@status AS TEXT))
  AND (CAST(@role AS TEXT) = '' OR role = CAST(@role AS TEXT))
  AND email_key = CAST(@email_key AS TEXT)
  AND (CAST(@search AS TEXT) = '' OR instr(search, CAST(@search AS TEXT)) > 0)
  AND id > @after AND id < @before
ORDER BY id DESC LIMIT @lim;

-- name: UsersByAddressOldestFirst :many
SELECT * FROM users
WHERE (CAST(@status AS TEXT) = '' OR status = CAST(@status AS TEXT))
  AND (CAST(@role AS TEXT) = '' OR role = CAST(@role AS TEXT))
  AND email_key = CAST(@email_key AS TEXT)
  AND (CAST(@search AS TEXT) = '' OR instr(search, CAST(@search AS TEXT)) > 0)
  AND id > @after AND id < @before
ORDER BY id LIMIT @lim;

-- name: CountUsers :one
SELECT count(*) FROM users
WHERE (CAST(@status AS TEXT) = '' OR status = CAST(@status AS TEXT))
  AND (CAST(@role AS TEXT) = '' OR role = CAST(@role AS TEXT))
  AND (CAST(@email_key AS TEXT) = '' OR email_key = CAST(@email_key AS TEXT))
  AND (CAST(@search AS TEXT) = '' OR instr(search, CAST(@search AS TEXT)) > 0);

-- name: CountUsersByStatus :one
SELECT count(*) FROM users
WHERE status = CAST(@status AS TEXT)
  AND (CAST(@role AS TEXT) = '' OR role = CAST(@role AS TEXT))
  AND (CAST(@email_key AS TEXT) = '' OR email_key = CAST(@email_key AS TEXT))
  AND (CAST(@search AS TEXT) = '' OR instr(search, CAST(@search AS TEXT)) > 0);

-- name: CountAdmins :one
SELECT count(*) FROM users
WHERE role = 'admin' AND (CAST(@status AS TEXT) = '' OR status = CAST(@status AS TEXT))
  AND (CAST(@role AS TEXT) = '' OR role = CAST(@role AS TEXT))
  AND (CAST(@email_key AS TEXT) = '' OR email_key = CAST(@email_key AS TEXT))
  AND (CAST(@search AS TEXT) = '' OR instr(search, CAST(@search AS TEXT)) > 0);

-- name: CountUsersByAddress :one
SELECT count(*) FROM users
WHERE (CAST(@status AS TEXT) = '' OR status = CAST(@status AS TEXT))
  AND (CAST(@role AS TEXT) = '' OR role = CAST(@role AS TEXT))
  AND email_key = CAST(@email_key AS TEXT)
  AND (CAST(@search AS TEXT) = '' OR instr(search, CAST(@search AS TEXT)) > 0);

-- name: CreateUser :one
INSERT INTO users (
    name, username, username_key, email, email_key, password_hash, language, profile, role, origin,
    verification_required, approval_required, verified_at, approved_at, approved_by, rejected_at, rejected_by,
    rejection_reason, rejection_note, corrections, search, undeliverable_at, reminded_at, noticed_at, notices_off,
    terms_version, terms_at, link_asked_at, disabled_at, disabled_by, created_at, new_email, new_email_key, old_email, version
) VALUES (
    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1
)
ON CONFLICT DO NOTHING
RETURNING *;

-- name: UpdateUser :execrows
UPDATE users SET
    name = @name, username = @username, username_key = @username_key, email = @email, email_key = @email_key,
    password_hash = @password_hash, language = @language, profile = @profile, role = @role, origin = @origin,
    verification_required = @verification_required, approval_required = @approval_required,
    verified_at = @verified_at, approved_at = @approved_at, approved_by = @approved_by, rejected_at = @rejected_at,
    rejected_by = @rejected_by, rejection_reason = @rejection_reason, rejection_note = @rejection_note,
    corrections = @corrections, search = @search, undeliverable_at = @undeliverable_at, reminded_at = @reminded_at,
    noticed_at = @noticed_at, notices_off = @notices_off, terms_version = @terms_version, terms_at = @terms_at,
    link_asked_at = @link_asked_at, disabled_at = @disabled_at, disabled_by = @disabled_by, new_email = @new_email, new_email_key = @new_email_key,
    old_email = @old_email, version = version + 1
WHERE id = @id AND version = @version;

-- name: DeleteUser :execrows
DELETE FROM users WHERE id = @id;
