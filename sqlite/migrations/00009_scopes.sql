-- What a key may do, until when, and when it was last used. Keys that exist may do
-- everything, as before.

-- +goose Up
ALTER TABLE api_keys ADD COLUMN scopes TEXT NOT NULL DEFAULT 'admin' CHECK (length(scopes) <= 1000);
ALTER TABLE api_keys ADD COLUMN ends_at INTEGER;
ALTER TABLE api_keys ADD COLUMN used_at INTEGER;
