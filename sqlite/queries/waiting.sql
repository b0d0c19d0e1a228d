-- name: Waiting :many
SELECT * FROM users
WHERE status = CAST(@status AS TEXT) AND id > @after
  AND instr(search, CAST(@search AS TEXT)) > 0
ORDER BY id LIMIT @lim;
