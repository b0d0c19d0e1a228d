-- Every name is unqualified: the schema is the first one of the search_path.
-- NULL in a time is "not so".

-- +goose Up
CREATE TABLE users (
    id                    bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name                  text        NOT NULL CHECK (char_length(name) <= 250),
    username              text        NOT NULL CHECK (char_length(username) <= 250),
    username_key          text        NOT NULL CHECK (char_length(username_key) <= 1000),
    email                 text        NOT NULL CHECK (char_length(email) <= 320),
    email_key             text        NOT NULL UNIQUE CHECK (char_length(email_key) <= 1000),
    password_hash         text        NOT NULL CHECK (char_length(password_hash) <= 512),
    language              text        NOT NULL CHECK (char_length(language) <= 64),
    profile               jsonb       NOT NULL,
    role                  text        NOT NULL CHECK (role IN ('member', 'admin')),
    origin                text        NOT NULL CHECK (origin IN ('signup', 'operator')),
    verification_required boolean     NOT NULL,
    approval_required     boolean     NOT NULL,
    created_at            timestamptz NOT NULL,
    verified_at           timestamptz,
    approved_at           timestamptz,
    approved_by           text        NOT NULL CHECK (char_length(approved_by) <= 300),
    rejected_at           timestamptz,
    rejected_by           text        NOT NULL CHECK (char_length(rejected_by) <= 300),
    rejection_reason      text        NOT NULL CHECK (char_length(rejection_reason) <= 65536),
    rejection_note        text        NOT NULL CHECK (char_length(rejection_note) <= 65536),
    corrections           integer     NOT NULL CHECK (corrections >= 0),
    version               bigint      NOT NULL CHECK (version >= 1),
    -- name, username and email in lower case, one a line: how PostgreSQL folds
    -- case depends on the database's locale.
    search                text        NOT NULL,
    -- signup.User.Status in SQL, so that a list of one status has an index.
    -- Computed from the facts; storetest holds it to the Go function.
    status                text        NOT NULL GENERATED ALWAYS AS (
        CASE
            WHEN rejected_at IS NOT NULL THEN 'rejected'
            WHEN verification_required AND verified_at IS NULL THEN 'unconfirmed'
            WHEN approval_required AND approved_at IS NULL THEN 'pending_approval'
            ELSE 'active'
        END
    ) STORED
);
-- created_at is for Lapsed, which then judges most of the unconfirmed by the index alone.
CREATE INDEX users_status ON users (status, id, created_at);
CREATE INDEX users_admins ON users (id) WHERE role = 'admin';
CREATE INDEX users_rejected ON users (id, rejected_at) WHERE rejected_at IS NOT NULL;

CREATE TABLE usernames (
    key     text   NOT NULL PRIMARY KEY CHECK (char_length(key) <= 1000),
    user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX usernames_user ON usernames (user_id);

-- claim_id has no foreign key: a used token must outlive its claim, so that a
-- second click is still told from an unknown token; and a token must never
-- lose its claim, or it would become one of the user's own.
CREATE TABLE sign_up_tokens (
    id         text        NOT NULL PRIMARY KEY CHECK (char_length(id) <= 64),
    user_id    bigint      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    claim_id   text        NOT NULL CHECK (char_length(claim_id) <= 64),
    token_hash text        NOT NULL UNIQUE CHECK (char_length(token_hash) <= 128),
    address    text        NOT NULL CHECK (char_length(address) <= 320),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used       boolean     NOT NULL DEFAULT false
);
CREATE INDEX sign_up_tokens_user ON sign_up_tokens (user_id);
CREATE INDEX sign_up_tokens_expires ON sign_up_tokens (expires_at);

CREATE TABLE claims (
    seq               bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id                text        NOT NULL UNIQUE CHECK (char_length(id) <= 64),
    user_id           bigint      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name              text        NOT NULL CHECK (char_length(name) <= 250),
    username          text        NOT NULL CHECK (char_length(username) <= 250),
    username_key      text        NOT NULL CHECK (char_length(username_key) <= 1000),
    email             text        NOT NULL CHECK (char_length(email) <= 320),
    password_hash     text        NOT NULL CHECK (char_length(password_hash) <= 512),
    language          text        NOT NULL CHECK (char_length(language) <= 64),
    profile           jsonb       NOT NULL,
    approval_required boolean     NOT NULL,
    created_at        timestamptz NOT NULL
);
CREATE INDEX claims_user ON claims (user_id, created_at, seq);

CREATE TABLE mails (
    seq             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id              text        NOT NULL UNIQUE CHECK (char_length(id) <= 64),
    kind            text        NOT NULL CHECK (char_length(kind) <= 64),
    user_id         bigint      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    recipient_id    bigint      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    claim_id        text        NOT NULL CHECK (char_length(claim_id) <= 64),
    state           text        NOT NULL CHECK (state IN ('owed', 'sent', 'failed', 'superseded')),
    attempts        integer     NOT NULL CHECK (attempts >= 0),
    created_at      timestamptz NOT NULL,
    last_attempt_at timestamptz,
    ended_at        timestamptz,
    last_answer     text        NOT NULL
);
CREATE INDEX mails_created ON mails (created_at, seq);
CREATE INDEX mails_state ON mails (state, created_at, seq);
CREATE INDEX mails_user ON mails (user_id, created_at, seq);
CREATE INDEX mails_recipient ON mails (recipient_id, state);

CREATE TABLE settings (
    name  text NOT NULL PRIMARY KEY CHECK (char_length(name) <= 250),
    value text NOT NULL
);

CREATE TABLE api_keys (
    seq        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id         text        NOT NULL UNIQUE CHECK (char_length(id) <= 64),
    name       text        NOT NULL CHECK (char_length(name) <= 250),
    hash       text        NOT NULL UNIQUE CHECK (char_length(hash) <= 128),
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE UNIQUE INDEX api_keys_name ON api_keys (name) WHERE revoked_at IS NULL;

-- user_id has no foreign key: events outlive their user. 0 is nobody.
CREATE TABLE audit_events (
    id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL,
    actor   text        NOT NULL CHECK (char_length(actor) <= 300),
    action  text        NOT NULL CHECK (char_length(action) <= 250),
    user_id bigint      NOT NULL,
    detail  jsonb       NOT NULL
);
CREATE INDEX audit_events_user ON audit_events (user_id, id);
