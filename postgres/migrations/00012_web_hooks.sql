-- Web hooks, which read the list of events, and what is sent to each of them. The
-- position of a hook moves in the transaction that adds the deliveries for the
-- events up to there. A delivery that has not ended and has no next_attempt_at
-- waits for an earlier event of the same user.

-- +goose Up
CREATE TABLE web_hooks (
    id                 bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name               text        NOT NULL UNIQUE CHECK (char_length(name) <= 100),
    url                text        NOT NULL CHECK (char_length(url) <= 2000),
    types              text        NOT NULL CHECK (char_length(types) <= 4000),
    secret             text        NOT NULL CHECK (char_length(secret) <= 200),
    old_secret         text        NOT NULL CHECK (char_length(old_secret) <= 200),
    old_secret_ends_at timestamptz,
    declared           boolean     NOT NULL,
    position           bigint      NOT NULL CHECK (position >= 0),
    created_at         timestamptz NOT NULL,
    disabled_at        timestamptz,
    disabled_why       text        NOT NULL CHECK (char_length(disabled_why) <= 1000)
);

CREATE TABLE web_hook_deliveries (
    seq             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hook_id         bigint      NOT NULL REFERENCES web_hooks (id) ON DELETE CASCADE,
    position        bigint      NOT NULL CHECK (position > 0),
    user_id         bigint      NOT NULL,
    type            text        NOT NULL CHECK (char_length(type) <= 64),
    created_at      timestamptz NOT NULL,
    attempts        integer     NOT NULL CHECK (attempts >= 0),
    trying_since    timestamptz,
    last_attempt_at timestamptz,
    next_attempt_at timestamptz,
    last_answer     text        NOT NULL CHECK (char_length(last_answer) <= 1000),
    ended_at        timestamptz CHECK (ended_at IS NULL OR next_attempt_at IS NULL),
    UNIQUE (hook_id, position)
);
CREATE INDEX web_hook_deliveries_owed ON web_hook_deliveries (hook_id, user_id, position) WHERE ended_at IS NULL;
CREATE INDEX web_hook_deliveries_due ON web_hook_deliveries (hook_id, next_attempt_at, position) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX web_hook_deliveries_ended ON web_hook_deliveries (ended_at) WHERE ended_at IS NOT NULL;
