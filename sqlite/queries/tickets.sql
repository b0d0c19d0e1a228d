-- name: Ticket :one
SELECT * FROM tickets WHERE hash = @hash;

-- name: Tickets :many
SELECT * FROM tickets WHERE user_id = @user_id;

-- name: CreateTicket :exec
INSERT INTO tickets (hash, user_id, claim_id, held, corrections, resends, asked_at, created_at, expires_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: UpdateTicket :execrows
UPDATE tickets SET
    user_id = @user_id, claim_id = @claim_id, held = @held,
    corrections = @corrections, resends = @resends, asked_at = @asked_at
WHERE hash = @hash;

-- name: DeleteTicket :execrows
DELETE FROM tickets WHERE hash = @hash;

-- name: DeleteExpiredTickets :execrows
DELETE FROM tickets WHERE hash IN (
    SELECT t.hash FROM tickets AS t WHERE t.expires_at < @cutoff ORDER BY t.expires_at LIMIT @lim
);

-- name: AdoptTokens :exec
UPDATE sign_up_tokens SET claim_id = '' WHERE user_id = @user_id AND claim_id = @claim_id;

-- name: AdoptMails :exec
UPDATE mails SET claim_id = '' WHERE user_id = @user_id AND claim_id = @claim_id;

-- name: AdoptTickets :exec
UPDATE tickets SET claim_id = '' WHERE user_id = @user_id AND claim_id = @claim_id;

-- name: SpendTokensOf :exec
UPDATE sign_up_tokens SET used = 1 WHERE user_id = @user_id AND claim_id = @claim_id AND used = 0;
