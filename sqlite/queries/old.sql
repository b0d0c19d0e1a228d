-- What Tx.DeleteOld removes.

-- name: DeleteOldTokens :execrows
DELETE FROM sign_up_tokens WHERE id IN (
    SELECT t.id FROM sign_up_tokens AS t WHERE t.expires_at < @before
    ORDER BY t.expires_at LIMIT @lim
);

-- name: DeleteOldAccountTokens :execrows
DELETE FROM account_tokens WHERE hash IN (
    SELECT t.hash FROM account_tokens AS t WHERE t.expires_at < @before
    ORDER BY t.expires_at LIMIT @lim
);

-- name: DeleteOldTickets :execrows
DELETE FROM tickets WHERE hash IN (
    SELECT t.hash FROM tickets AS t WHERE t.expires_at < @before
    ORDER BY t.expires_at LIMIT @lim
);

-- name: DeleteOldSessions :execrows
DELETE FROM sessions WHERE seq IN (
    SELECT s.seq FROM sessions AS s WHERE s.expires_at < @before
    ORDER BY s.expires_at LIMIT @lim
);

-- name: DeleteOldMails :execrows
DELETE FROM mails WHERE seq IN (
    SELECT m.seq FROM mails AS m WHERE m.ended_at IS NOT NULL AND m.ended_at < @before
    ORDER BY m.ended_at LIMIT @lim
);

-- name: DeleteOldAddressMails :execrows
DELETE FROM address_mails WHERE rowid IN (
    SELECT m.rowid FROM address_mails AS m WHERE m.due_at < @before
    ORDER BY m.due_at LIMIT @lim
);
