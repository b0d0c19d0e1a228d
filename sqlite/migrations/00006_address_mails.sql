-- When mails were sent to an address because somebody signed up with it. It
-- outlives the sign-up, so that whoever withdraws one gains nothing.

-- +goose Up
CREATE TABLE address_mails (
    address_hash TEXT    NOT NULL CHECK (length(address_hash) <= 128),
    due_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX address_mails_address ON address_mails (address_hash, due_at);
CREATE INDEX address_mails_due ON address_mails (due_at);
