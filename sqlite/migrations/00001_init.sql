-- Times are Unix milliseconds; NULL is "not so". Booleans are 0 or 1.

-- +goose Up
CREATE TABLE users (
    id                    INTEGER PRIMARY KEY AUTOINCREMENT,
    name                  TEXT    NOT NULL CHECK (length(name) <= 250),
    username              TEXT    NOT NULL CHECK (length(username) <= 250),
    username_key          TEXT    NOT NULL CHECK (length(username_key) <= 1000),
    email                 TEXT    NOT NULL CHECK (length(email) <= 320),
    email_key             TEXT    NOT NULL UNIQUE CHECK (length(email_key) <= 1000),
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
    -- name, username and email in lower case, one a line: SQLite folds ASCII only.
    search                TEXT    NOT NULL,
    -- signup.User.Status in SQL, so that a list of one status has an index.
    -- Computed from the facts; storetest holds it to the Go function.
    status                TEXT    NOT NULL GENERATED ALWAYS AS (
        CASE
            WHEN rejected_at IS NOT NULL THEN 'rejected'
            WHEN verification_required = 1 AND verified_at IS NULL THEN 'unconfirmed'
            WHEN approval_required = 1 AND approved_at IS NULL THEN 'pending_approval'
            ELSE 'active'
        END
    ) VIRTUAL
) STRICT;
-- created_at is for Lapsed, which then judges most of the unconfirmed by the index alone.
CREATE INDEX users_status ON users (status, id, created_at);
CREATE INDEX users_admins ON users (id) WHERE role = 'admin';
CREATE INDEX users_rejected ON users (id, rejected_at) WHERE rejected_at IS NOT NULL;

CREATE TABLE usernames (
    key     TEXT    NOT NULL PRIMARY KEY CHECK (length(key) <= 1000),
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX usernames_user ON usernames (user_id);

-- claim_id has no foreign key: a used token must outlive its claim, so that a
-- second click is still told from an unknown token; and a token must never
-- lose its claim, or it would become one of the user's own.
CREATE TABLE sign_up_tokens (
    id         TEXT    NOT NULL PRIMARY KEY CHECK (length(id) <= 64),
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    claim_id   TEXT    NOT NULL CHECK (length(claim_id) <= 64),
    token_hash TEXT    NOT NULL UNIQUE CHECK (length(token_hash) <= 128),
    address    TEXT    NOT NULL CHECK (length(address) <= 320),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used       INTEGER NOT NULL DEFAULT 0 CHECK (used IN (0, 1))
) STRICT;
CREATE INDEX sign_up_tokens_user ON sign_up_tokens (user_id);
CREATE INDEX sign_up_tokens_expires ON sign_up_tokens (expires_at);

CREATE TABLE claims (
    seq               INTEGER PRIMARY KEY AUTOINCREMENT,
    id                TEXT    NOT NULL UNIQUE CHECK (length(id) <= 64),
    user_id           INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name              TEXT    NOT NULL CHECK (length(name) <= 250),
    username          TEXT    NOT NULL CHECK (length(username) <= 250),
    username_key      TEXT    NOT NULL CHECK (length(username_key) <= 1000),
    email             TEXT    NOT NULL CHECK (length(email) <= 320),
    password_hash     TEXT    NOT NULL CHECK (length(password_hash) <= 512),
    language          TEXT    NOT NULL CHECK (length(language) <= 64),
    profile           TEXT    NOT NULL CHECK (json_valid(profile)),
    approval_required INTEGER NOT NULL CHECK (approval_required IN (0, 1)),
    created_at        INTEGER NOT NULL
) STRICT;
CREATE INDEX claims_user ON claims (user_id, created_at);

CREATE TABLE mails (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT    NOT NULL UNIQUE CHECK (length(id) <= 64),
    kind            TEXT    NOT NULL CHECK (length(kind) <= 64),
    user_id         INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    recipient_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    claim_id        TEXT    NOT NULL CHECK (length(claim_id) <= 64),
    state           TEXT    NOT NULL CHECK (state IN ('owed', 'sent', 'failed', 'superseded')),
    attempts        INTEGER NOT NULL CHECK (attempts >= 0),
    created_at      INTEGER NOT NULL,
    last_attempt_at INTEGER,
    ended_at        INTEGER,
    last_answer     TEXT    NOT NULL
) STRICT;
CREATE INDEX mails_created ON mails (created_at, seq);
CREATE INDEX mails_state ON mails (state, created_at, seq);
CREATE INDEX mails_user ON mails (user_id, created_at, seq);
CREATE INDEX mails_recipient ON mails (recipient_id, state);

CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY CHECK (length(name) <= 250),
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE api_keys (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT    NOT NULL UNIQUE CHECK (length(id) <= 64),
    name       TEXT    NOT NULL CHECK (length(name) <= 250),
    hash       TEXT    NOT NULL UNIQUE CHECK (length(hash) <= 128),
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE UNIQUE INDEX api_keys_name ON api_keys (name) WHERE revoked_at IS NULL;

-- user_id has no foreign key: events outlive their user. 0 is nobody.
CREATE TABLE audit_events (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    actor   TEXT    NOT NULL CHECK (length(actor) <= 300),
    action  TEXT    NOT NULL CHECK (length(action) <= 250),
    user_id INTEGER NOT NULL,
    detail  TEXT    NOT NULL CHECK (json_valid(detail))
) STRICT;
CREATE INDEX audit_events_user ON audit_events (user_id, id);
