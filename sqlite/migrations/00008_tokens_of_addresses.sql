-- A token proves that somebody reads the mailbox, whatever address its sign-up has
-- by now, so it is closed by the key of its address. That key is the user's, unless
-- the address was corrected since: then lower case comes close enough, because such
-- a token was closed. Instances of an earlier version leave it empty.

-- +goose Up
ALTER TABLE sign_up_tokens ADD COLUMN email_key TEXT NOT NULL DEFAULT '' CHECK (length(email_key) <= 1000);
UPDATE sign_up_tokens SET email_key = coalesce(
    (SELECT u.email_key FROM users AS u WHERE u.id = user_id AND u.email = address), lower(address)
);
CREATE INDEX sign_up_tokens_email ON sign_up_tokens (email_key);
