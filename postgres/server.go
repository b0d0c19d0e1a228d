package postgres

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signup-go/signup/internal/retry"
)

// oldest is the oldest supported server version, as PostgreSQL encodes it.
const oldest = 14_00_00

// A server holds the relevant settings of the server.
type server struct {
	number            int // 15_00_19 means 15.19
	version, encoding string
	fsync, commit     string
	schema            string // the first of the search_path; "" if none of them exists
}

// checkServer refuses a server with which the store would fail later.
func (s *Store) checkServer(ctx context.Context) (v server, err error) {
	err = retry.Do(ctx, s.timeout, func(wait context.Context) error {
		return s.onConn(ctx, wait, func(c *pgxpool.Conn) (err error) {
			v, err = readServer(wait, c)
			return waited(ctx, wait, "read the server's settings", err)
		})
	})
	if err != nil {
		return v, err
	}
	return v, v.check(s.given)
}

func (s *Store) logOpened(ctx context.Context, v server) {
	if s.log == nil {
		return
	}
	s.log.LogAttrs(ctx, slog.LevelInfo, "PostgreSQL opened",
		slog.String("version", v.version), slog.String("schema", s.place.Schema),
		slog.String("fsync", v.fsync), slog.String("synchronous_commit", v.commit))
}

func readServer(ctx context.Context, c *pgxpool.Conn) (v server, err error) {
	err = c.QueryRow(ctx, `SELECT current_setting('server_version_num')::integer, current_setting('server_version'),
		current_setting('server_encoding'), current_setting('fsync'), current_setting('synchronous_commit'), coalesce(current_schema()::text, '')`,
	).Scan(&v.number, &v.version, &v.encoding, &v.fsync, &v.commit, &v.schema)
	return v, err
}

func (v server) check(givenSchema string) error {
	switch {
	case v.number < oldest:
		return fmt.Errorf("the server is PostgreSQL %s, but must be %d or later", v.version, oldest/100_00)
	case v.encoding != "UTF8":
		return fmt.Errorf("the database's encoding is %s, but must be UTF8", v.encoding)
	case v.schema == "" && givenSchema == "":
		return fmt.Errorf("no schema of the search_path exists, or the role may not use it; create it first")
	}
	return nil
}
