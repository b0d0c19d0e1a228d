package postgres

import (
	"cmp"
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/signup-go/signup/postgres/internal/db"
)

// Three things keep the number of round trips per update low.
//
// A pipe delays statements whose results nobody waits for, and sends them in one
// round trip with the next statement that returns something, or with COMMIT.
// BEGIN is the first such statement.
//
// A writer has two sets of queries over its pipe: q for statements that return
// something, and later for statements that return at most an error. When a
// delayed statement fails, the statement it was sent with returns its error.
//
// held (hold.go) is what the update has locked and read. An UPDATE of a locked
// user is certain to find its row, so its row count is not needed, and it can be
// delayed too.

// A pipe begins a transaction and sends its statements.
type pipe struct {
	conn    *pgx.Conn
	begin   pgx.TxOptions
	tx      pgx.Tx // nil until the transaction has begun
	waiting []statement
}

var _ db.DBTX = (*pipe)(nil)

type statement struct {
	sql  string
	args []any
	into []any // where to scan its row; nil for none
}

// later is a pipe for statements that can be delayed.
type later struct{ *pipe }

func (l later) Exec(_ context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	l.waiting = append(l.waiting, statement{sql: sql, args: args})
	return pgconn.CommandTag{}, nil
}

func (p *pipe) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if p.tx != nil && len(p.waiting) == 0 {
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
	if p.tx != nil && len(p.waiting) == 0 {
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
	if p.tx != nil && len(p.waiting) == 0 {
		return p.conn.QueryRow(ctx, sql, args...)
	}
	results, err := p.send(ctx, sql, args)
	return lastRow{results, err}
}

// begun queues BEGIN if necessary, and returns the transaction.
func (p *pipe) begun(ctx context.Context) (pgx.Tx, error) {
	if p.tx == nil {
		if err := p.flush(ctx); err != nil {
			return nil, err
		}
	}
	return p.tx, nil
}

// flush sends the delayed statements.
func (p *pipe) flush(ctx context.Context) error {
	_, err := p.Exec(ctx, "SELECT")
	return err
}

// send sends the delayed statements and one more, and returns the results of the
// latter.
func (p *pipe) send(ctx context.Context, sql string, args []any) (pgx.BatchResults, error) {
	batch, sent := &pgx.Batch{}, p.waiting
	if p.tx == nil {
		batch.BeginTx(p.begin)
		sent = append([]statement{{}}, sent...) // BEGIN, which is already queued
	}
	for _, s := range p.waiting {
		batch.Queue(s.sql, s.args...)
	}
	batch.Queue(sql, args...)
	p.waiting = nil
	results := p.conn.SendBatch(ctx, batch)
	p.tx = cmp.Or(p.tx, results.Tx())
	for _, s := range sent {
		if err := s.read(results); err != nil {
			_ = results.Close() // returns the same error
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
	r.err = cmp.Or(r.err, r.results.Close()) // an error after the last row
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
	after := r.results.Close() // a timeout can come after the row
	if err == nil || errors.Is(err, pgx.ErrNoRows) && after != nil {
		return after
	}
	return err
}
