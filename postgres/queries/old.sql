-- What Tx.DeleteOld removes. An array, because a subquery after IN may run more
-- than once, and lock more than its limit.

-- name: DeleteOldTokens :execrows
DELETE FROM sign_up_tokens WHERE id = ANY (ARRAY(
    SELECT t.id FROM sign_up_tokens AS t WHERE t.expires_at < @before
    ORDER BY t.expires_at LIMIT @lim::bigint FOR UPDATE SKIP LOCKED
));

-- name: DeleteOldAccountTokens :execrows
DELETE FROM account_tokens WHERE hash = ANY (ARRAY(
    SELECT t.hash FROM account_tokens AS t WHERE t.expires_at < @before
    ORDER BY t.expires_at LIMIT @lim::bigint FOR UPDATE SKIP LOCKED
));

-- name: DeleteOldTickets :execrows
DELETE FROM tickets WHERE hash = ANY (ARRAY(
    SELECT t.hash FROM tickets AS t WHERE t.expires_at < @before
    ORDER BY t.expires_at LIMIT @lim::bigint FOR UPDATE SKIP LOCKED
));

-- name: DeleteOldSessions :execrows
DELETE FROM sessions WHERE seq = ANY (ARRAY(
    SELECT s.seq FROM sessions AS s WHERE s.expires_at < @before
    ORDER BY s.expires_at LIMIT @lim::bigint FOR UPDATE SKIP LOCKED
));

-- name: DeleteOldMails :execrows
DELETE FROM mails WHERE seq = ANY (ARRAY(
    SELECT m.seq FROM mails AS m WHERE m.ended_at IS NOT NULL AND m.ended_at < @before
    ORDER BY m.ended_at LIMIT @lim::bigint FOR UPDATE SKIP LOCKED
));

-- name: DeleteOldAddressMails :execrows
DELETE FROM address_mails WHERE id = ANY (ARRAY(
    SELECT m.id FROM address_mails AS m WHERE m.due_at < @before
    ORDER BY m.due_at LIMIT @lim::bigint FOR UPDATE SKIP LOCKED
));
