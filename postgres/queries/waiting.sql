-- name: Waiting :many
SELECT * FROM users
WHERE status = @status::text AND id > @after
  AND (@search::text = '' OR strpos(search, @search::text) > 0)
ORDER BY id LIMIT @lim::bigint;
