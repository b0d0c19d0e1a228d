package postgres

import (
	"cmp"
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/signup-go/signup/postgres/internal/db"
)

// A pipe sends the statements of one transaction. Those that it was given for
// later go in one round trip with the next that returns something. They have
// no results to miss: when one of them fails, the next one fails with its error.
type pipe struct {
	conn    conn
	waiting []statement
}

type conn interface { // a pgx.Conn or a pgx.Tx
	db.DBTX
	SendBatch(context.Context, *pgx.Batch) pgx.BatchResults
}

type statement struct {
	sql  string
	args []any
	into []any // where its row goes; nil for none
}

// later is the pipe for statements that can wait.
type later struct{ *pipe }

func (l later) Exec(_ context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	l.waiting = append(l.waiting, statement{sql: sql, args: args})
	return pgconn.CommandTag{}, nil
}

func (p *pipe) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if len(p.waiting) == 0 {
		return p.conn.Exec(ctx, sql, args...)
	}
	results, err := p.send(ctx, sql, args)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	tag, err := results.Exec()
	return tag, cmp.Or(err, results.Close())
}

func (p *pipe) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if len(p.waiting) == 0 {
		return p.conn.Query(ctx, sql, args...)
	}
	results, err := p.send(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	rows, err := results.Query()
	return &lastRows{Rows: rows, results: results}, err
}

func (p *pipe) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if len(p.waiting) == 0 {
		return p.conn.QueryRow(ctx, sql, args...)
	}
	results, err := p.send(ctx, sql, args)
	return lastRow{results, err}
}

// flush sends what is waiting.
func (p *pipe) flush(ctx context.Context) error {
	_, err := p.Exec(ctx, "SELECT")
	return err
}

// send sends what is waiting and one more statement, and leaves only the
// results of that.
func (p *pipe) send(ctx context.Context, sql string, args []any) (pgx.BatchResults, error) {
	batch := &pgx.Batch{}
	for _, s := range p.waiting {
		batch.Queue(s.sql, s.args...)
	}
	batch.Queue(sql, args...)
	sent := p.waiting
	p.waiting = nil
	results := p.conn.SendBatch(ctx, batch)
	for _, s := range sent {
		if err := s.read(results); err != nil {
			_ = results.Close() // says the same
			return nil, err
		}
	}
	return results, nil
}

func (s statement) read(results pgx.BatchResults) error {
	if s.into != nil {
		return results.QueryRow().Scan(s.into...)
	}
	_, err := results.Exec()
	return err
}

// lastRows ends the round trip when it is closed.
type lastRows struct {
	pgx.Rows
	results pgx.BatchResults
	err     error
}

func (r *lastRows) Close() {
	r.Rows.Close()
	r.err = cmp.Or(r.err, r.results.Close()) // what came after the last row
}

func (r *lastRows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.Close()
	return false
}

func (r *lastRows) Err() error { return cmp.Or(r.Rows.Err(), r.err) }

// lastRow ends the round trip when it is scanned.
type lastRow struct {
	results pgx.BatchResults
	err     error
}

func (r lastRow) Scan(into ...any) error {
	if r.err != nil {
		return r.err
	}
	err := r.results.QueryRow().Scan(into...)
	after := r.results.Close() // a time-out can come after the row
	if err == nil || errors.Is(err, pgx.ErrNoRows) && after != nil {
		return after
	}
	return err
}
