-- Both queries put signup.LapsedQuery into SQL and must say the same.

-- name: Lapsed :many
SELECT * FROM users WHERE users.id IN (
    SELECT waiting.id FROM (
        SELECT u.id FROM users AS u
        WHERE u.status = 'unconfirmed' AND u.id > @after AND u.created_at < @unconfirmed_before
          AND u.approved_at IS NULL AND u.role = 'member' AND u.origin = 'signup'
          AND NOT EXISTS (SELECT 1 FROM sign_up_tokens AS t WHERE t.user_id = u.id AND t.used = 0 AND t.expires_at > @now)
          AND NOT EXISTS (SELECT 1 FROM mails AS m WHERE m.recipient_id = u.id AND m.state = 'owed')
        ORDER BY u.id LIMIT @lim
    ) AS waiting
    UNION ALL
    SELECT refused.id FROM (
        SELECT r.id FROM users AS r
        WHERE r.rejected_at IS NOT NULL AND r.id > @after AND r.rejected_at < @rejected_before AND r.role = 'member' AND r.origin = 'signup'
          AND NOT EXISTS (SELECT 1 FROM sign_up_tokens AS t WHERE t.user_id = r.id AND t.used = 0 AND t.expires_at > @now)
          AND NOT EXISTS (SELECT 1 FROM mails AS m WHERE m.recipient_id = r.id AND m.state = 'owed')
        ORDER BY r.id LIMIT @lim
    ) AS refused
)
ORDER BY users.id LIMIT @lim;

-- name: DeleteLapsed :execrows
DELETE FROM users
WHERE users.id = @id AND users.role = 'member' AND users.origin = 'signup'
  AND NOT EXISTS (SELECT 1 FROM sign_up_tokens AS t WHERE t.user_id = users.id AND t.used = 0 AND t.expires_at > @now)
  AND NOT EXISTS (SELECT 1 FROM mails AS m WHERE m.recipient_id = users.id AND m.state = 'owed')
  AND (
    users.rejected_at < @rejected_before
    OR users.status = 'unconfirmed' AND users.created_at < @unconfirmed_before AND users.approved_at IS NULL
  );
