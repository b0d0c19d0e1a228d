-- name: Mail :one
SELECT * FROM mails WHERE id = @id;

-- An empty state or kind selects everything. The list queries come in three
-- forms, one for each index that can lead.

-- name: MailsByUser :many
SELECT * FROM mails
WHERE user_id = @user_id AND created_at <= @till
  AND (CAST(@state AS TEXT) = '' OR state = CAST(@state AS TEXT))
  AND (CAST(@kind AS TEXT) = '' OR kind = CAST(@kind AS TEXT))
  AND (created_at < @till OR seq < @before_seq) AND attempts >= @least AND attempts <= @most
ORDER BY created_at DESC, seq DESC LIMIT @lim;

-- name: MailsByState :many
SELECT * FROM mails
WHERE state = @state AND created_at <= @till
  AND (CAST(@kind AS TEXT) = '' OR kind = CAST(@kind AS TEXT))
  AND (created_at < @till OR seq < @before_seq) AND attempts >= @least AND attempts <= @most
ORDER BY created_at DESC, seq DESC LIMIT @lim;

-- name: Mails :many
SELECT * FROM mails
WHERE created_at <= @till AND (CAST(@kind AS TEXT) = '' OR kind = CAST(@kind AS TEXT))
  AND (created_at < @till OR seq < @before_seq) AND attempts >= @least AND attempts <= @most
ORDER BY created_at DESC, seq DESC LIMIT @lim;

-- name: AddMail :exec
INSERT INTO mails (
    id, kind, user_id, recipient_id, claim_id, channel, state, attempts, created_at, trying_since,
    last_attempt_at, next_attempt_at, ended_at, last_answer
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: UpdateMail :execrows
UPDATE mails SET
    state = @state, attempts = @attempts, trying_since = @trying_since, last_attempt_at = @last_attempt_at,
    next_attempt_at = @next_attempt_at, ended_at = @ended_at, last_answer = @last_answer
WHERE id = @id;

-- name: SupersedeMails :exec
UPDATE mails SET state = 'superseded', next_attempt_at = NULL, ended_at = @now
WHERE user_id = @user_id AND kind = @kind AND state = 'owed';
