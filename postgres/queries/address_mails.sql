-- name: AddressMails :many
SELECT due_at FROM address_mails WHERE address_hash = @address_hash ORDER BY due_at DESC LIMIT @lim::bigint;

-- name: AddAddressMail :exec
INSERT INTO address_mails (address_hash, due_at) VALUES ($1, $2);

-- name: DeleteAddressMails :execrows
DELETE FROM address_mails WHERE id = ANY (ARRAY(
    SELECT m.id FROM address_mails AS m WHERE m.due_at < @before
    ORDER BY m.due_at LIMIT @lim::bigint FOR UPDATE SKIP LOCKED
));
