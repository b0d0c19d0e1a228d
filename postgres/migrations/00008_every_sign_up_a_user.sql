-- Every sign-up is a row of users. Until now an address had one row, and what
-- further people signed up with for it was in claims or, as JSON, in tickets.

-- +goose Up
-- An earlier form of the seventh migration did not make this table.
CREATE TABLE IF NOT EXISTS held_usernames (key text NOT NULL PRIMARY KEY);
DROP TABLE held_usernames;

ALTER TABLE users
    ADD COLUMN link_asked_at timestamptz,
    DROP CONSTRAINT users_email_key_key;
CREATE INDEX users_migration ON users (username_key);

-- What belongs to a claim that is gone: a link must not confirm the user's own
-- sign-up, nor a ticket show it.
DELETE FROM sign_up_tokens WHERE NOT used AND claim_id <> '' AND NOT EXISTS (SELECT 1 FROM claims AS c WHERE c.id = claim_id);
UPDATE mails SET state = 'superseded', next_attempt_at = NULL, ended_at = date_trunc('milliseconds', now())
WHERE state = 'owed' AND claim_id <> '' AND NOT EXISTS (SELECT 1 FROM claims AS c WHERE c.id = claim_id);
DELETE FROM tickets WHERE held = '' AND claim_id <> '' AND NOT EXISTS (SELECT 1 FROM claims AS c WHERE c.id = claim_id);

-- The sign-ups that are only in tickets. The tables are not temporary ones, for
-- which a role may lack the right.
CREATE TABLE upgrade_held AS
SELECT
    t.hash, t.json ->> 'name' AS name, t.json ->> 'username' AS username, lower(t.json ->> 'username') AS username_key,
    t.json ->> 'email' AS email,
    CASE
        WHEN lower(t.json ->> 'email') = lower(u.email)
            OR lower(t.json ->> 'email') IN (SELECT lower(c.email) FROM claims AS c WHERE c.user_id = u.id)
        THEN u.email_key
        ELSE lower(t.json ->> 'email')
    END AS email_key,
    t.json ->> 'password_hash' AS password_hash, coalesce(t.json ->> 'language', '') AS language,
    coalesce(t.json -> 'profile', 'null') AS profile,
    coalesce((t.json ->> 'approval_required')::boolean, false) AS approval_required,
    date_trunc('milliseconds', (t.json ->> 'created_at')::timestamptz) AS created_at,
    coalesce(t.json ->> 'terms_version', '') AS terms_version,
    CASE
        WHEN coalesce(t.json ->> 'terms_version', '') <> '' THEN date_trunc('milliseconds', (t.json ->> 'terms_at')::timestamptz)
    END AS terms_at,
    u.email_key AS owner_key, u.status AS owner_status
FROM (SELECT hash, user_id, held::jsonb AS json FROM tickets WHERE held <> '') AS t JOIN users AS u ON u.id = t.user_id;

-- Sign-ups of one address with one username are one: the latest, in the user's
-- own row if that is unconfirmed and among them.
CREATE TABLE upgrade_sign_ups AS
SELECT
    s.seq, s.claim_id, s.user_id, s.created_at,
    bool_or(s.claim_id = '') OVER (PARTITION BY s.user_id, s.username_key) AS own,
    first_value(s.seq) OVER (PARTITION BY s.user_id, s.username_key ORDER BY s.created_at DESC, s.seq DESC) AS latest
FROM (
    SELECT 0::bigint AS seq, '' AS claim_id, u.id AS user_id, u.username_key, u.created_at
    FROM users AS u WHERE u.status = 'unconfirmed' AND u.id IN (SELECT k.user_id FROM claims AS k)
    UNION ALL
    SELECT c.seq, c.id AS claim_id, c.user_id, c.username_key, c.created_at FROM claims AS c
) AS s;
CREATE TABLE upgrade_winners AS
SELECT w.seq, nextval(pg_get_serial_sequence('users', 'id')) AS id
FROM (SELECT s.seq FROM upgrade_sign_ups AS s WHERE NOT s.own AND s.seq = s.latest ORDER BY s.created_at, s.seq) AS w;
CREATE TABLE upgrade_moves AS
SELECT s.claim_id, coalesce(w.id, s.user_id) AS to_id
FROM upgrade_sign_ups AS s LEFT JOIN upgrade_winners AS w ON w.seq = s.latest
WHERE s.claim_id <> '';

INSERT INTO users (
    id, name, username, username_key, email, email_key, password_hash, language, profile, role, origin,
    verification_required, approval_required, created_at, approved_by, rejected_by, rejection_reason, rejection_note,
    corrections, version, search, notices_off, terms_version, terms_at
) OVERRIDING SYSTEM VALUE
SELECT
    w.id, c.name, c.username, c.username_key, c.email, u.email_key, c.password_hash, c.language, c.profile, 'member', 'signup',
    true, c.approval_required OR u.status = 'rejected', c.created_at, '', '', '', '',
    0, 1, lower(c.name || chr(10) || c.username || chr(10) || c.email), false, c.terms_version, c.terms_at
FROM upgrade_winners AS w JOIN claims AS c ON c.seq = w.seq JOIN users AS u ON u.id = c.user_id;
UPDATE users SET
    name = c.name, username = c.username, email = c.email, password_hash = c.password_hash, language = c.language,
    profile = c.profile, approval_required = c.approval_required, terms_version = c.terms_version, terms_at = c.terms_at,
    search = lower(c.name || chr(10) || c.username || chr(10) || c.email), link_asked_at = c.created_at, version = version + 1
FROM claims AS c JOIN upgrade_sign_ups AS s ON s.seq = c.seq
WHERE s.own AND s.seq = s.latest AND users.id = s.user_id;

UPDATE sign_up_tokens SET user_id = m.to_id FROM upgrade_moves AS m WHERE sign_up_tokens.claim_id = m.claim_id;
UPDATE mails SET user_id = m.to_id, recipient_id = CASE WHEN recipient_id = user_id THEN m.to_id ELSE recipient_id END
FROM upgrade_moves AS m WHERE mails.claim_id = m.claim_id;
UPDATE tickets SET user_id = m.to_id FROM upgrade_moves AS m WHERE tickets.claim_id = m.claim_id AND tickets.held = '';
-- A link works for the exact address of its row.
UPDATE sign_up_tokens SET address = u.email FROM users AS u
WHERE u.id = sign_up_tokens.user_id AND NOT sign_up_tokens.used AND sign_up_tokens.address <> u.email
    AND lower(sign_up_tokens.address) = lower(u.email) AND u.id IN (SELECT m.to_id FROM upgrade_moves AS m);

-- Of several held sign-ups with one username the first keeps it.
DELETE FROM upgrade_held WHERE EXISTS (SELECT 1 FROM users AS u WHERE u.username_key = upgrade_held.username_key AND u.rejected_at IS NULL);
CREATE TABLE upgrade_holders AS
SELECT
    h.hash, h.username_key, h.email_key, h.created_at,
    first_value(h.email_key) OVER (PARTITION BY h.username_key ORDER BY h.created_at, h.hash COLLATE "C") AS first_key,
    first_value(h.hash) OVER (PARTITION BY h.username_key, h.email_key ORDER BY h.created_at DESC, h.hash COLLATE "C" DESC) AS latest
FROM upgrade_held AS h;
DELETE FROM upgrade_holders WHERE email_key <> first_key;
CREATE TABLE upgrade_held_ids AS
SELECT h.hash, nextval(pg_get_serial_sequence('users', 'id')) AS id
FROM (SELECT o.hash FROM upgrade_holders AS o WHERE o.hash = o.latest ORDER BY o.created_at, o.hash COLLATE "C") AS h;
INSERT INTO users (
    id, name, username, username_key, email, email_key, password_hash, language, profile, role, origin,
    verification_required, approval_required, created_at, approved_by, rejected_by, rejection_reason, rejection_note,
    corrections, version, search, notices_off, terms_version, terms_at
) OVERRIDING SYSTEM VALUE
SELECT
    i.id, h.name, h.username, h.username_key, h.email, h.email_key, h.password_hash, h.language, h.profile, 'member', 'signup',
    true, h.approval_required OR h.owner_status = 'rejected' AND h.owner_key = h.email_key, h.created_at, '', '', '', '',
    0, 1, lower(h.name || chr(10) || h.username || chr(10) || h.email), false, h.terms_version, h.terms_at
FROM upgrade_held_ids AS i JOIN upgrade_held AS h ON h.hash = i.hash;
DELETE FROM tickets WHERE held <> '' AND NOT EXISTS (SELECT 1 FROM upgrade_holders AS o WHERE o.hash = tickets.hash);
UPDATE tickets SET user_id = i.id FROM upgrade_holders AS o JOIN upgrade_held_ids AS i ON i.hash = o.latest WHERE tickets.hash = o.hash;

-- A username belongs to one user who is not rejected. Nothing should be in the
-- way; if it is, unconfirmed sign-ups go, and accounts get another username.
DELETE FROM users AS u
WHERE u.status = 'unconfirmed' AND EXISTS (
    SELECT 1 FROM users AS o
    WHERE o.username_key = u.username_key AND o.rejected_at IS NULL AND o.id <> u.id AND (o.status <> 'unconfirmed' OR o.id < u.id)
);
UPDATE users AS u SET username = left(username, 225) || '~' || id, username_key = left(username_key, 975) || '~' || id
WHERE u.rejected_at IS NULL AND EXISTS (
    SELECT 1 FROM users AS o WHERE o.username_key = u.username_key AND o.rejected_at IS NULL AND o.id < u.id
);

UPDATE users SET link_asked_at = greatest(
    created_at, link_asked_at, (SELECT max(t.created_at) FROM sign_up_tokens AS t WHERE t.user_id = users.id)
) WHERE status = 'unconfirmed';

DROP TABLE upgrade_held, upgrade_sign_ups, upgrade_winners, upgrade_moves, upgrade_holders, upgrade_held_ids;
DROP INDEX users_migration;
DROP TABLE claims;
DROP TABLE usernames;
ALTER TABLE sign_up_tokens DROP COLUMN claim_id;
ALTER TABLE mails DROP COLUMN claim_id;
ALTER TABLE tickets DROP COLUMN claim_id, DROP COLUMN held, DROP COLUMN corrections;

-- See signup.User.HoldsAddress. Where a user would break both, PostgreSQL names
-- the index that was made first, and pg_dump makes them in the order of their
-- names. So users_username must come first in both.
CREATE UNIQUE INDEX users_username ON users (username_key) WHERE rejected_at IS NULL;
CREATE UNIQUE INDEX users_verified_email ON users (email_key)
    WHERE rejected_at IS NULL AND (verified_at IS NOT NULL OR NOT verification_required);
CREATE INDEX users_rejected_username ON users (username_key, id) WHERE rejected_at IS NOT NULL;
CREATE INDEX users_email ON users (email_key, id, status);

-- Requests for another link that are not answered yet.
CREATE TABLE link_requests (
    seq          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email_key    text        NOT NULL CHECK (char_length(email_key) <= 1000),
    username_key text        NOT NULL CHECK (char_length(username_key) <= 1000),
    at           timestamptz NOT NULL,
    UNIQUE (email_key, username_key)
);
CREATE INDEX link_requests_at ON link_requests (at, seq);
