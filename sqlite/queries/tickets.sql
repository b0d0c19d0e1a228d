-- name: Ticket :one
SELECT * FROM tickets WHERE hash = @hash;

-- name: PutTicket :exec
INSERT INTO tickets (hash, user_id, resends, asked_at, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (hash) DO UPDATE SET
    user_id = excluded.user_id, resends = excluded.resends, asked_at = excluded.asked_at,
    created_at = excluded.created_at, expires_at = excluded.expires_at;

-- name: DeleteTickets :exec
DELETE FROM tickets WHERE user_id = @user_id;
