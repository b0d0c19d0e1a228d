package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A unitTx is a unit for others who write in it, such as the queue. It takes
// along what waits, and it is not theirs to end.
type unitTx struct{ *unit }

var (
	_ pgx.Tx = unitTx{}

	errNotYours = errors.New("the transaction is the store's")
)

func (t unitTx) Begin(context.Context) (pgx.Tx, error) { return nil, errNotYours }
func (t unitTx) Commit(context.Context) error          { return errNotYours }
func (t unitTx) Rollback(context.Context) error        { return errNotYours }
func (t unitTx) Conn() *pgx.Conn                       { return t.conn }
func (t unitTx) LargeObjects() (none pgx.LargeObjects) { return none }

func (t unitTx) Prepare(ctx context.Context, name, sql string) (*pgconn.StatementDescription, error) {
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	return t.conn.Prepare(ctx, name, sql)
}

func (t unitTx) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	if err := t.flush(ctx); err != nil {
		return 0, err
	}
	return t.conn.CopyFrom(ctx, table, columns, rows)
}

func (t unitTx) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	if err := t.flush(ctx); err != nil {
		return failedBatch{err}
	}
	return t.conn.SendBatch(ctx, b)
}

// A failedBatch is one that was never sent.
type failedBatch struct{ err error }

func (f failedBatch) Exec() (pgconn.CommandTag, error) { return pgconn.CommandTag{}, f.err }
func (f failedBatch) Query() (pgx.Rows, error)         { return nil, f.err }
func (f failedBatch) QueryRow() pgx.Row                { return lastRow{err: f.err} }
func (f failedBatch) Close() error                     { return f.err }
func (f failedBatch) Tx() pgx.Tx                       { return nil }
