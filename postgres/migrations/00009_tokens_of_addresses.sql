-- A token proves that somebody reads the mailbox, whatever became of the sign-up
-- that it was mailed for. So it stays when the user is deleted, and is closed by
-- the key of its address. That key is the user's, unless the address was corrected
-- since: then lower case comes close enough, because such a token was closed.

-- +goose Up
ALTER TABLE sign_up_tokens ADD COLUMN email_key text CHECK (char_length(email_key) <= 1000);
UPDATE sign_up_tokens AS t SET email_key = CASE WHEN t.address = u.email THEN u.email_key ELSE lower(t.address) END
FROM users AS u WHERE u.id = t.user_id;
ALTER TABLE sign_up_tokens ALTER COLUMN email_key SET NOT NULL, DROP CONSTRAINT sign_up_tokens_user_id_fkey;
DROP INDEX sign_up_tokens_user;
CREATE INDEX sign_up_tokens_email ON sign_up_tokens (email_key);
