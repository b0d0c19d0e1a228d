-- name: WebHooks :many
SELECT * FROM web_hooks ORDER BY name;

-- name: WebHook :one
SELECT * FROM web_hooks WHERE name = @name;

-- name: HoldWebHook :one
SELECT * FROM web_hooks WHERE id = @id;

-- name: CreateWebHook :one
INSERT INTO web_hooks (name, url, types, secret, old_secret, old_secret_ends_at, declared, position, created_at, disabled_at, disabled_why)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (name) DO NOTHING
RETURNING id;

-- name: UpdateWebHook :execrows
UPDATE web_hooks SET
    url = @url, types = @types, secret = @secret, old_secret = @old_secret, old_secret_ends_at = @old_secret_ends_at,
    declared = @declared, position = @position, disabled_at = @disabled_at, disabled_why = @disabled_why
WHERE id = @id;

-- name: DeleteWebHook :execrows
DELETE FROM web_hooks WHERE id = @id;

-- name: EventPositionSince :one
SELECT CAST(coalesce(min(position), 0) AS INTEGER) FROM audit_events WHERE position > 0 AND at >= @since;

-- name: AddDelivery :exec
INSERT INTO web_hook_deliveries (
    hook_id, position, user_id, type, created_at, attempts, trying_since, last_attempt_at, next_attempt_at, last_answer, ended_at
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: DueWebHooks :many
SELECT h.* FROM web_hooks AS h
WHERE h.disabled_at IS NULL AND EXISTS (
    SELECT 1 FROM web_hook_deliveries AS d
    WHERE d.hook_id = h.id AND d.next_attempt_at IS NOT NULL AND d.next_attempt_at <= @now
)
ORDER BY h.id;

-- name: ClaimDeliveries :many
UPDATE web_hook_deliveries SET next_attempt_at = @till
WHERE seq IN (
    SELECT d.seq FROM web_hook_deliveries AS d
    WHERE d.hook_id = @hook_id AND d.next_attempt_at IS NOT NULL AND d.next_attempt_at <= @now
    ORDER BY d.next_attempt_at, d.position LIMIT @lim
)
RETURNING *;

-- name: StoreAttempt :execrows
UPDATE web_hook_deliveries SET
    attempts = @attempts, trying_since = @trying_since, last_attempt_at = @last_attempt_at, next_attempt_at = @next_attempt_at,
    last_answer = @last_answer, ended_at = @ended_at
WHERE hook_id = @hook_id AND position = @position AND next_attempt_at = @claimed_till;

-- name: AdvanceUser :exec
UPDATE web_hook_deliveries SET next_attempt_at = @now
WHERE ended_at IS NULL AND next_attempt_at IS NULL AND seq = (
    SELECT d.seq FROM web_hook_deliveries AS d
    WHERE d.hook_id = @hook_id AND d.user_id = @user_id AND d.ended_at IS NULL
    ORDER BY d.position LIMIT 1
);

-- name: RetryDeliveries :exec
UPDATE web_hook_deliveries SET next_attempt_at = @now, trying_since = NULL
WHERE hook_id = @hook_id AND next_attempt_at IS NOT NULL;

-- name: DropDeliveries :exec
DELETE FROM web_hook_deliveries WHERE hook_id = @hook_id AND position >= @position;

-- name: Deliveries :many
SELECT * FROM web_hook_deliveries
WHERE hook_id = @hook_id AND position < @before AND (NOT CAST(@owed AS BOOLEAN) OR ended_at IS NULL)
ORDER BY position DESC LIMIT @lim;

-- name: CountOwedDeliveries :one
SELECT count(*) FROM web_hook_deliveries WHERE hook_id = @hook_id AND ended_at IS NULL;

-- name: DeleteOldDeliveries :execrows
DELETE FROM web_hook_deliveries WHERE seq IN (
    SELECT d.seq FROM web_hook_deliveries AS d WHERE d.ended_at IS NOT NULL AND d.ended_at < @before
    ORDER BY d.ended_at LIMIT @lim
);
