-- Every sign-up is a row of users. Until now an address had one row, and what
-- further people signed up with for it was in claims or, as JSON, in tickets.
--
-- Store.Migrate runs this with foreign keys off, because a UNIQUE can only be
-- dropped by making the table anew, and dropping a table deletes what refers to
-- its rows. Nothing may refer to a missing row afterwards that did not before.

-- +goose Up
CREATE TEMP TABLE dangling (before INTEGER, after INTEGER CHECK (after <= before));
INSERT INTO dangling (before) SELECT count(*) FROM pragma_foreign_key_check;

-- An earlier form of the sixth migration did not make this table.
CREATE TABLE IF NOT EXISTS held_usernames (key TEXT NOT NULL PRIMARY KEY) STRICT;
DROP TABLE held_usernames;

CREATE TABLE users_new (
    id                    INTEGER PRIMARY KEY AUTOINCREMENT,
    name                  TEXT    NOT NULL CHECK (length(name) <= 250),
    username              TEXT    NOT NULL CHECK (length(username) <= 250),
    username_key          TEXT    NOT NULL CHECK (length(username_key) <= 1000),
    email                 TEXT    NOT NULL CHECK (length(email) <= 320),
    email_key             TEXT    NOT NULL CHECK (length(email_key) <= 1000),
    password_hash         TEXT    NOT NULL CHECK (length(password_hash) <= 512),
    language              TEXT    NOT NULL CHECK (length(language) <= 64),
    profile               TEXT    NOT NULL CHECK (json_valid(profile)),
    role                  TEXT    NOT NULL CHECK (role IN ('member', 'admin')),
    origin                TEXT    NOT NULL CHECK (origin IN ('signup', 'operator')),
    verification_required INTEGER NOT NULL CHECK (verification_required IN (0, 1)),
    approval_required     INTEGER NOT NULL CHECK (approval_required IN (0, 1)),
    created_at            INTEGER NOT NULL,
    verified_at           INTEGER,
    approved_at           INTEGER,
    approved_by           TEXT    NOT NULL CHECK (length(approved_by) <= 300),
    rejected_at           INTEGER,
    rejected_by           TEXT    NOT NULL CHECK (length(rejected_by) <= 300),
    rejection_reason      TEXT    NOT NULL CHECK (length(rejection_reason) <= 65536),
    rejection_note        TEXT    NOT NULL CHECK (length(rejection_note) <= 65536),
    corrections           INTEGER NOT NULL CHECK (corrections >= 0),
    version               INTEGER NOT NULL CHECK (version >= 1),
    -- signup.SearchText: SQLite folds ASCII only.
    search                TEXT    NOT NULL,
    -- signup.User.Status in SQL, so that a list of one status has an index.
    -- Computed from the facts; storetest compares it with the Go function.
    status                TEXT    NOT NULL GENERATED ALWAYS AS (
        CASE
            WHEN rejected_at IS NOT NULL THEN 'rejected'
            WHEN verification_required = 1 AND verified_at IS NULL THEN 'unconfirmed'
            WHEN approval_required = 1 AND approved_at IS NULL THEN 'pending_approval'
            ELSE 'active'
        END
    ) VIRTUAL,
    undeliverable_at      INTEGER,
    reminded_at           INTEGER,
    noticed_at            INTEGER,
    notices_off           INTEGER NOT NULL CHECK (notices_off IN (0, 1)),
    terms_version         TEXT    NOT NULL CHECK (length(terms_version) <= 250),
    terms_at              INTEGER,
    link_asked_at         INTEGER
) STRICT;
INSERT INTO users_new (
    id, name, username, username_key, email, email_key, password_hash, language, profile, role, origin,
    verification_required, approval_required, created_at, verified_at, approved_at, approved_by, rejected_at, rejected_by,
    rejection_reason, rejection_note, corrections, version, search, undeliverable_at, reminded_at, noticed_at, notices_off,
    terms_version, terms_at, link_asked_at
)
SELECT
    id, name, username, username_key, email, email_key, password_hash, language, profile, role, origin,
    verification_required, approval_required, created_at, verified_at, approved_at, approved_by, rejected_at, rejected_by,
    rejection_reason, rejection_note, corrections, version, search, undeliverable_at, reminded_at, noticed_at, notices_off,
    terms_version, terms_at, NULL
FROM users;
-- Ids that were given out do not come again.
INSERT INTO sqlite_sequence (name, seq)
SELECT 'users_new', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'users_new');
UPDATE sqlite_sequence SET seq = max(seq, coalesce((SELECT s.seq FROM sqlite_sequence AS s WHERE s.name = 'users'), 0))
WHERE name = 'users_new';
DROP TABLE users;
ALTER TABLE users_new RENAME TO users;
CREATE INDEX users_migration ON users (username_key);

-- What belongs to a claim that is gone: a link must not confirm the user's own
-- sign-up, nor a ticket show it.
DELETE FROM sign_up_tokens WHERE used = 0 AND claim_id <> '' AND NOT EXISTS (SELECT 1 FROM claims AS c WHERE c.id = claim_id);
UPDATE mails SET state = 'superseded', next_attempt_at = NULL, ended_at = CAST(round(unixepoch('now', 'subsec') * 1000) AS INTEGER)
WHERE state = 'owed' AND claim_id <> '' AND NOT EXISTS (SELECT 1 FROM claims AS c WHERE c.id = claim_id);
DELETE FROM tickets WHERE held = '' AND claim_id <> '' AND NOT EXISTS (SELECT 1 FROM claims AS c WHERE c.id = claim_id);

-- The sign-ups that are only in tickets.
CREATE TEMP TABLE held AS
SELECT
    t.hash, t.held ->> '$.name' AS name, t.held ->> '$.username' AS username, lower(t.held ->> '$.username') AS username_key,
    t.held ->> '$.email' AS email,
    CASE
        WHEN lower(t.held ->> '$.email') = lower(u.email)
            OR lower(t.held ->> '$.email') IN (SELECT lower(c.email) FROM claims AS c WHERE c.user_id = u.id)
        THEN u.email_key
        ELSE lower(t.held ->> '$.email')
    END AS email_key,
    t.held ->> '$.password_hash' AS password_hash, coalesce(t.held ->> '$.language', '') AS language,
    coalesce(t.held -> '$.profile', 'null') AS profile,
    coalesce(t.held ->> '$.approval_required', 0) AS approval_required,
    CAST(round(unixepoch(t.held ->> '$.created_at', 'subsec') * 1000) AS INTEGER) AS created_at,
    coalesce(t.held ->> '$.terms_version', '') AS terms_version,
    CASE
        WHEN coalesce(t.held ->> '$.terms_version', '') = '' THEN NULL
        ELSE CAST(round(unixepoch(t.held ->> '$.terms_at', 'subsec') * 1000) AS INTEGER)
    END AS terms_at,
    u.email_key AS owner_key, u.status AS owner_status
FROM tickets AS t JOIN users AS u ON u.id = t.user_id
WHERE t.held <> '';
CREATE INDEX held_hash ON held (hash);

-- Sign-ups of one address with one username are one: the latest, in the user's
-- own row if that is unconfirmed and among them.
CREATE TEMP TABLE sign_ups AS
SELECT
    s.seq, s.claim_id, s.user_id, s.created_at,
    max(s.claim_id = '') OVER (PARTITION BY s.user_id, s.username_key) AS own,
    first_value(s.seq) OVER (PARTITION BY s.user_id, s.username_key ORDER BY s.created_at DESC, s.seq DESC) AS latest
FROM (
    SELECT 0 AS seq, '' AS claim_id, u.id AS user_id, u.username_key, u.created_at
    FROM users AS u WHERE u.status = 'unconfirmed' AND u.id IN (SELECT k.user_id FROM claims AS k)
    UNION ALL
    SELECT c.seq, c.id AS claim_id, c.user_id, c.username_key, c.created_at FROM claims AS c
) AS s;
CREATE TEMP TABLE winners AS
SELECT s.seq, (SELECT q.seq FROM sqlite_sequence AS q WHERE q.name = 'users') + row_number() OVER (ORDER BY s.created_at, s.seq) AS id
FROM sign_ups AS s WHERE s.own = 0 AND s.seq = s.latest;
CREATE TEMP TABLE moves AS
SELECT s.claim_id, coalesce(w.id, s.user_id) AS to_id
FROM sign_ups AS s LEFT JOIN winners AS w ON w.seq = s.latest
WHERE s.claim_id <> '';
CREATE INDEX moves_claim ON moves (claim_id);

INSERT INTO users (
    id, name, username, username_key, email, email_key, password_hash, language, profile, role, origin,
    verification_required, approval_required, created_at, approved_by, rejected_by, rejection_reason, rejection_note,
    corrections, version, search, notices_off, terms_version, terms_at
)
SELECT
    w.id, c.name, c.username, c.username_key, c.email, u.email_key, c.password_hash, c.language, c.profile, 'member', 'signup',
    1, CASE WHEN u.status = 'rejected' THEN 1 ELSE c.approval_required END, c.created_at, '', '', '', '',
    0, 1, lower(c.name || char(10) || c.username || char(10) || c.email), 0, c.terms_version, c.terms_at
FROM winners AS w JOIN claims AS c ON c.seq = w.seq JOIN users AS u ON u.id = c.user_id
ORDER BY w.id;
CREATE TEMP TABLE persons AS
SELECT c.* FROM sign_ups AS s JOIN claims AS c ON c.seq = s.seq WHERE s.own = 1 AND s.seq = s.latest;
CREATE INDEX persons_user ON persons (user_id);
UPDATE users SET version = version + 1, (
    name, username, email, password_hash, language, profile, approval_required, terms_version, terms_at, link_asked_at, search
) = (
    SELECT
        p.name, p.username, p.email, p.password_hash, p.language, p.profile, p.approval_required, p.terms_version, p.terms_at,
        p.created_at, lower(p.name || char(10) || p.username || char(10) || p.email)
    FROM persons AS p WHERE p.user_id = users.id
)
WHERE id IN (SELECT p.user_id FROM persons AS p);

UPDATE sign_up_tokens SET user_id = (SELECT m.to_id FROM moves AS m WHERE m.claim_id = sign_up_tokens.claim_id)
WHERE claim_id IN (SELECT m.claim_id FROM moves AS m);
UPDATE mails SET
    recipient_id = CASE
        WHEN recipient_id = user_id THEN (SELECT m.to_id FROM moves AS m WHERE m.claim_id = mails.claim_id)
        ELSE recipient_id
    END,
    user_id = (SELECT m.to_id FROM moves AS m WHERE m.claim_id = mails.claim_id)
WHERE claim_id IN (SELECT m.claim_id FROM moves AS m);
UPDATE tickets SET user_id = (SELECT m.to_id FROM moves AS m WHERE m.claim_id = tickets.claim_id)
WHERE held = '' AND claim_id IN (SELECT m.claim_id FROM moves AS m);
-- A link works for the exact address of its row.
UPDATE sign_up_tokens SET address = (SELECT u.email FROM users AS u WHERE u.id = sign_up_tokens.user_id)
WHERE used = 0 AND user_id IN (SELECT m.to_id FROM moves AS m)
    AND lower(address) = (SELECT lower(u.email) FROM users AS u WHERE u.id = sign_up_tokens.user_id);

-- Of several held sign-ups with one username the first keeps it.
DELETE FROM held WHERE EXISTS (SELECT 1 FROM users AS u WHERE u.username_key = held.username_key AND u.rejected_at IS NULL);
CREATE TEMP TABLE holders AS
SELECT
    h.hash, h.username_key, h.email_key, h.created_at,
    first_value(h.email_key) OVER (PARTITION BY h.username_key ORDER BY h.created_at, h.hash) AS first_key,
    first_value(h.hash) OVER (PARTITION BY h.username_key, h.email_key ORDER BY h.created_at DESC, h.hash DESC) AS latest
FROM held AS h;
DELETE FROM holders WHERE email_key <> first_key;
CREATE INDEX holders_hash ON holders (hash);
CREATE TEMP TABLE held_ids AS
SELECT h.hash, (SELECT q.seq FROM sqlite_sequence AS q WHERE q.name = 'users') + row_number() OVER (ORDER BY h.created_at, h.hash) AS id
FROM holders AS h WHERE h.hash = h.latest;
CREATE INDEX held_ids_hash ON held_ids (hash);
INSERT INTO users (
    id, name, username, username_key, email, email_key, password_hash, language, profile, role, origin,
    verification_required, approval_required, created_at, approved_by, rejected_by, rejection_reason, rejection_note,
    corrections, version, search, notices_off, terms_version, terms_at
)
SELECT
    i.id, h.name, h.username, h.username_key, h.email, h.email_key, h.password_hash, h.language, h.profile, 'member', 'signup',
    1, CASE WHEN h.owner_status = 'rejected' AND h.owner_key = h.email_key THEN 1 ELSE h.approval_required END,
    h.created_at, '', '', '', '',
    0, 1, lower(h.name || char(10) || h.username || char(10) || h.email), 0, h.terms_version, h.terms_at
FROM held_ids AS i JOIN held AS h ON h.hash = i.hash
ORDER BY i.id;
DELETE FROM tickets WHERE held <> '' AND NOT EXISTS (SELECT 1 FROM holders AS o WHERE o.hash = tickets.hash);
UPDATE tickets SET user_id = (
    SELECT i.id FROM holders AS o JOIN held_ids AS i ON i.hash = o.latest WHERE o.hash = tickets.hash
) WHERE held <> '';

-- A username belongs to one user who is not rejected. Nothing should be in the
-- way; if it is, unconfirmed sign-ups go, and accounts get another username.
CREATE TEMP TABLE losers AS
SELECT u.id FROM users AS u
WHERE u.status = 'unconfirmed' AND EXISTS (
    SELECT 1 FROM users AS o
    WHERE o.username_key = u.username_key AND o.rejected_at IS NULL AND o.id <> u.id AND (o.status <> 'unconfirmed' OR o.id < u.id)
);
DELETE FROM sign_up_tokens WHERE user_id IN (SELECT l.id FROM losers AS l);
DELETE FROM tickets WHERE user_id IN (SELECT l.id FROM losers AS l);
DELETE FROM sessions WHERE user_id IN (SELECT l.id FROM losers AS l);
DELETE FROM mail_attempts WHERE mail_id IN (
    SELECT m.id FROM mails AS m WHERE m.user_id IN (SELECT l.id FROM losers AS l) OR m.recipient_id IN (SELECT l.id FROM losers AS l)
);
DELETE FROM mails WHERE user_id IN (SELECT l.id FROM losers AS l) OR recipient_id IN (SELECT l.id FROM losers AS l);
DELETE FROM users WHERE id IN (SELECT l.id FROM losers AS l);
UPDATE users SET username = substr(username, 1, 225) || '~' || id, username_key = substr(username_key, 1, 975) || '~' || id
WHERE rejected_at IS NULL AND EXISTS (
    SELECT 1 FROM users AS o WHERE o.username_key = users.username_key AND o.rejected_at IS NULL AND o.id < users.id
);

UPDATE users SET link_asked_at = max(
    created_at, coalesce(link_asked_at, 0), coalesce((SELECT max(t.created_at) FROM sign_up_tokens AS t WHERE t.user_id = users.id), 0)
) WHERE status = 'unconfirmed';

DROP INDEX users_migration;
DROP TABLE claims;
DROP TABLE usernames;
ALTER TABLE sign_up_tokens DROP COLUMN claim_id;
ALTER TABLE mails DROP COLUMN claim_id;
ALTER TABLE tickets DROP COLUMN claim_id;
ALTER TABLE tickets DROP COLUMN held;
ALTER TABLE tickets DROP COLUMN corrections;

-- See signup.User.HoldsAddress.
CREATE UNIQUE INDEX users_username ON users (username_key) WHERE rejected_at IS NULL;
CREATE UNIQUE INDEX users_verified_email ON users (email_key)
    WHERE rejected_at IS NULL AND (verified_at IS NOT NULL OR verification_required = 0);
CREATE INDEX users_rejected_username ON users (username_key, id) WHERE rejected_at IS NOT NULL;
CREATE INDEX users_email ON users (email_key, id, status);
-- created_at is for Lapsed, which then judges most of the unconfirmed by the index alone.
CREATE INDEX users_status ON users (status, id, created_at);
CREATE INDEX users_admins ON users (id) WHERE role = 'admin';
CREATE INDEX users_rejected ON users (id, rejected_at) WHERE rejected_at IS NOT NULL;
-- Those who wait for approval. Where users_status would do, it would be taken.
CREATE INDEX users_unnoticed ON users (id)
    WHERE approval_required = 1 AND approved_at IS NULL AND rejected_at IS NULL AND noticed_at IS NULL
    AND (verification_required = 0 OR verified_at IS NOT NULL);
CREATE INDEX users_noticed ON users (noticed_at) WHERE noticed_at IS NOT NULL;
CREATE INDEX users_unreminded ON users (created_at, id)
    WHERE verification_required = 1 AND verified_at IS NULL AND rejected_at IS NULL AND reminded_at IS NULL AND undeliverable_at IS NULL;

-- Requests for another link that are not answered yet.
CREATE TABLE link_requests (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    email_key    TEXT    NOT NULL CHECK (length(email_key) <= 1000),
    username_key TEXT    NOT NULL CHECK (length(username_key) <= 1000),
    at           INTEGER NOT NULL,
    UNIQUE (email_key, username_key)
) STRICT;
CREATE INDEX link_requests_at ON link_requests (at, seq);

DROP TABLE sign_ups;
DROP TABLE winners;
DROP TABLE moves;
DROP TABLE persons;
DROP TABLE held;
DROP TABLE holders;
DROP TABLE held_ids;
DROP TABLE losers;
UPDATE dangling SET after = (SELECT count(*) FROM pragma_foreign_key_check);
DROP TABLE dangling;
