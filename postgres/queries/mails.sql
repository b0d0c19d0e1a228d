-- name: Mail :one
SELECT * FROM mails WHERE id = @id;

-- An empty state or kind selects everything. The list queries come in three
-- forms, one for each index that can lead.

-- name: MailsByUser :many
SELECT * FROM mails
WHERE user_id = @user_id
  AND (@state::text = '' OR state = @state::text)
  AND (@kind::text = '' OR kind = @kind::text)
  AND created_at <= @till AND (created_at < @till OR seq < @before_seq) AND attempts >= @least AND attempts <= @most
ORDER BY created_at DESC, seq DESC LIMIT @lim::bigint;

-- name: MailsByState :many
SELECT * FROM mails
WHERE (@user_id::bigint = 0 OR user_id = @user_id::bigint)
  AND state = @state::text
  AND (@kind::text = '' OR kind = @kind::text)
  AND created_at <= @till AND (created_at < @till OR seq < @before_seq) AND attempts >= @least AND attempts <= @most
ORDER BY created_at DESC, seq DESC LIMIT @lim::bigint;

-- name: Mails :many
SELECT * FROM mails
WHERE (@user_id::bigint = 0 OR user_id = @user_id::bigint)
  AND (@state::text = '' OR state = @state::text)
  AND (@kind::text = '' OR kind = @kind::text)
  AND created_at <= @till AND (created_at < @till OR seq < @before_seq) AND attempts >= @least AND attempts <= @most
ORDER BY created_at DESC, seq DESC LIMIT @lim::bigint;

-- name: AddMail :exec
INSERT INTO mails (
    id, kind, user_id, recipient_id, state, attempts, created_at, last_attempt_at, ended_at, last_answer,
    channel, trying_since, next_attempt_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (id) DO UPDATE SET
    kind = excluded.kind, user_id = excluded.user_id, recipient_id = excluded.recipient_id, state = excluded.state,
    attempts = excluded.attempts, created_at = excluded.created_at, last_attempt_at = excluded.last_attempt_at,
    ended_at = excluded.ended_at, last_answer = excluded.last_answer, channel = excluded.channel,
    trying_since = excluded.trying_since, next_attempt_at = excluded.next_attempt_at;

-- name: UpdateMail :execrows
UPDATE mails SET
    kind = @kind, state = @state, attempts = @attempts, last_attempt_at = @last_attempt_at, ended_at = @ended_at,
    last_answer = @last_answer, trying_since = @trying_since, next_attempt_at = @next_attempt_at
WHERE id = @id;

-- name: SupersedeMails :exec
UPDATE mails SET state = 'superseded', next_attempt_at = NULL, ended_at = @now
WHERE user_id = @user_id AND kind = @kind AND state = 'owed';

-- The kinds that carry a link. The state is compared as an expression, so that
-- the index of the user leads: one person has few mails, but many may be owed.

-- name: SupersedeLinksOf :exec
UPDATE mails SET state = 'superseded', next_attempt_at = NULL, ended_at = @now
WHERE user_id = @user_id AND state || '' = 'owed' AND kind IN ('confirmation', 'reminder', 'account_exists');

-- name: SupersedeLinksAt :exec
UPDATE mails SET state = 'superseded', next_attempt_at = NULL, ended_at = @now
WHERE state || '' = 'owed' AND kind IN ('confirmation', 'reminder', 'account_exists')
  AND user_id IN (SELECT u.id FROM users AS u WHERE u.email_key = @email_key);

-- name: MailAttempts :many
SELECT * FROM mail_attempts WHERE mail_id = @mail_id ORDER BY seq;

-- name: AddMailAttempt :exec
INSERT INTO mail_attempts (mail_id, at, phase, answer, outcome) VALUES ($1, $2, $3, $4, $5);
