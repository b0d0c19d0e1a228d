-- When mails were sent to an address because somebody signed up with it. It
-- outlives the sign-up, so that whoever withdraws one gains nothing.

-- +goose Up
CREATE TABLE address_mails (
    address_hash TEXT    NOT NULL CHECK (length(address_hash) <= 128),
    due_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX address_mails_address ON address_mails (address_hash, due_at);
CREATE INDEX address_mails_due ON address_mails (due_at);

-- Usernames of sign-ups that exist nowhere else, because their address was
-- taken and that is concealed: they must be as taken as any other.
CREATE TABLE held_usernames (
    key        TEXT    NOT NULL PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX held_usernames_user ON held_usernames (user_id);
CREATE INDEX held_usernames_expires ON held_usernames (expires_at);
