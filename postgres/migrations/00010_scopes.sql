-- What a key may do, until when, and when it was last used. Keys that exist may do
-- everything, as before.

-- +goose Up
ALTER TABLE api_keys
    ADD COLUMN scopes text NOT NULL DEFAULT 'admin' CHECK (char_length(scopes) <= 1000),
    ADD COLUMN ends_at timestamptz,
    ADD COLUMN used_at timestamptz;
ALTER TABLE api_keys ALTER COLUMN scopes DROP DEFAULT;
