// Package migrations finds out, before a store writes anything, which tables in
// a database are its own: a database may belong to another program, too.
package migrations

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

const (
	// Table lists the migrations that were applied.
	Table = "signup_migrations"

	// oldTable is goose's default name, which Table had before. A program that
	// uses goose for tables of its own has one as well.
	oldTable = "goose_db_version"

	// Queues lists the schemas whose tables of River belong to the mail queue; see
	// package outbox.
	Queues = "signup_queue"
)

// ErrForeign is wrapped by the error for tables that belong to another program.
var ErrForeign = errors.New("another program's tables are in the way, and nothing was written")

// A Conn is a *sql.DB or *sql.Tx.
type Conn interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// A Place is the schema of a database in which the tables are, or will be.
type Place struct {
	Dialect goose.Dialect
	Schema  string
	Files   fs.FS
	Advice  string // what to do when other tables are in the way

	// Names and Columns are queries. Their parameters are the schema and a JSON
	// array of names: of tables and indexes, or of columns as "table.column". Names
	// returns those that exist, Columns how many exist.
	Names, Columns string

	// LastOld is the last migration that was ever recorded in oldTable.
	LastOld int64
}

// A History is what a database says about its migrations.
type History struct {
	Version int64 // the last migration that was applied; 0 for none
	table   string
	shared  bool // the table also has versions of another program
}

// Settled reports whether the migrations are recorded in Table.
func (h History) Settled() bool { return h.table == Table }

// Exists reports whether the place has any tables of ours.
func (h History) Exists() bool { return h.table != "" }

// Read only reads.
func (p Place) Read(ctx context.Context, c Conn) (h History, err error) {
	there, err := p.existing(ctx, c, Table, oldTable)
	if err != nil {
		return h, err
	}
	if slices.Contains(there, Table) {
		h.table = Table
		query := "SELECT coalesce(max(version_id), 0) FROM " + p.qualified(Table)
		return h, c.QueryRowContext(ctx, query).Scan(&h.Version)
	}
	if !slices.Contains(there, oldTable) {
		return h, nil
	}
	if ours, err := p.isOurs(ctx, c); err != nil || !ours {
		return h, err
	}
	versions, err := column[int64](ctx, c, "SELECT version_id FROM "+p.qualified(oldTable)+" ORDER BY version_id")
	if err != nil || !slices.Contains(versions, 1) {
		return h, err
	}
	h.table = oldTable
	for _, v := range versions {
		if v <= p.LastOld {
			h.Version = v
		} else {
			h.shared = true
		}
	}
	return h, nil
}

// fingerprint are columns that every version of this program has had. Together
// they are in no other program.
func fingerprint() []string {
	return []string{
		"users.username_key", "users.email_key", "users.verification_required", "users.approval_required",
		"sign_up_tokens.token_hash", "sign_up_tokens.address", "mails.recipient_id", "mails.last_answer",
	}
}

// isOurs reports whether the tables beside oldTable are those of this program.
func (p Place) isOurs(ctx context.Context, c Conn) (bool, error) {
	var found int
	err := c.QueryRowContext(ctx, p.Columns, p.Schema, asJSON(fingerprint())).Scan(&found)
	return found == len(fingerprint()), err
}

// Settle prepares for goose: it makes Table, or moves to it what earlier versions
// of this program recorded in goose's default table. If a table or an index is in
// the way of a migration, it changes nothing and returns ErrForeign.
func (p Place) Settle(ctx context.Context, tx *sql.Tx) error {
	h, err := p.Read(ctx, tx)
	if err != nil {
		return err
	}
	if err := p.refuseForeign(ctx, tx, h); err != nil || h.Settled() {
		return err
	}
	switch {
	case !h.Exists():
		return p.record(ctx, tx, []int64{0})
	case h.shared: // the other program keeps its table as it is
		var versions []int64
		versions, err = column[int64](ctx, tx, fmt.Sprintf("SELECT version_id FROM %s WHERE version_id <= %d ORDER BY id", p.qualified(oldTable), p.LastOld))
		if err == nil {
			err = p.record(ctx, tx, versions)
		}
	default:
		_, err = tx.ExecContext(ctx, fmt.Sprintf("ALTER TABLE %s RENAME TO %s", p.qualified(oldTable), Table))
	}
	if err != nil {
		return err
	}
	return p.markQueue(ctx, tx)
}

// record makes Table with these versions, as goose does.
func (p Place) record(ctx context.Context, tx *sql.Tx, versions []int64) error {
	store, err := database.NewStore(p.Dialect, p.qualified(Table))
	if err != nil {
		return err
	}
	if err := store.CreateVersionTable(ctx, tx); err != nil {
		return err
	}
	for _, v := range versions {
		if err := store.Insert(ctx, tx, database.InsertRequest{Version: v}); err != nil {
			return err
		}
	}
	return nil
}

// markQueue records that earlier versions kept their queue here.
func (p Place) markQueue(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, fmt.Sprintf("CREATE TABLE %s (schema text NOT NULL PRIMARY KEY, old boolean NOT NULL)", p.qualified(Queues)))
	if err == nil {
		_, err = tx.ExecContext(ctx, fmt.Sprintf("INSERT INTO %s (schema, old) VALUES (%s, true)", p.qualified(Queues), literal(p.Schema)))
	}
	return err
}

func (p Place) refuseForeign(ctx context.Context, c Conn, h History) error {
	names, err := created(p.Files, h.Version)
	if err != nil || len(names) == 0 {
		return err
	}
	there, err := p.existing(ctx, c, names...)
	if err != nil || len(there) == 0 {
		return err
	}
	return fmt.Errorf("%w: %s; %s", ErrForeign, strings.Join(there, ", "), p.Advice)
}

func (p Place) existing(ctx context.Context, c Conn, names ...string) ([]string, error) {
	return column[string](ctx, c, p.Names, p.Schema, asJSON(names))
}

func (p Place) qualified(table string) string {
	return `"` + strings.ReplaceAll(p.Schema, `"`, `""`) + `".` + table
}

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func asJSON(names []string) string {
	text, _ := json.Marshal(names) // strings cannot fail
	return string(text)
}

func column[T any](ctx context.Context, c Conn, query string, args ...any) (list []T, err error) {
	rows, err := c.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}
