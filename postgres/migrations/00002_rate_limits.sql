-- What rate limits remember. Worth nothing after a crash, so not logged.

-- +goose Up
CREATE UNLOGGED TABLE rate_limits (
    key        text        NOT NULL PRIMARY KEY CHECK (length(key) <= 300),
    value      bigint      NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX rate_limits_expires ON rate_limits (expires_at);
