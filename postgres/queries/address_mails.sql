-- name: AddressMails :many
SELECT due_at FROM address_mails WHERE address_hash = @address_hash ORDER BY due_at DESC LIMIT @lim::bigint;

-- name: AddAddressMail :exec
INSERT INTO address_mails (address_hash, due_at) VALUES ($1, $2);

-- name: RemoveAddressMail :exec
DELETE FROM address_mails WHERE address_hash = @address_hash AND due_at = @due_at;
