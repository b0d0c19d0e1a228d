package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"modernc.org/sqlite"
)

// openPool is like sql.Open, but each connection keeps its prepared statements:
// SQLite takes longer to parse most of our statements, and those of the queue,
// than to run them.
func openPool(dsn string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(keepingConnector{c}), nil
}

type keepingConnector struct{ driver.Connector }

func (c keepingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	whole, ok := conn.(wholeConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("%T lacks methods of a driver's connection", conn), conn.Close())
	}
	keeping := &keepingConn{wholeConn: whole, kept: map[string]*keptStmt{}}
	whole.RegisterRollbackHook(func() { keeping.rolledBack = true })
	return keeping, nil
}

// A wholeConn has all the methods that database/sql uses on a connection.
type wholeConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	RegisterRollbackHook(sqlite.RollbackHookFn)
}

// maxKept is greater than the number of our queries. A program that composes SQL
// could have any number of them; those beyond maxKept are prepared for each run.
const maxKept = 500

// A keepingConn is used by one goroutine at a time, like every driver.Conn.
type keepingConn struct {
	wholeConn
	kept       map[string]*keptStmt
	inTx       bool
	rolledBack bool // the last transaction that began
}

// errRolledBack is the error of statements after SQLite has rolled back their
// transaction, as it does when the disk is full or a statement is interrupted.
// Without it they would take effect at once, outside any transaction.
var errRolledBack = errors.New("the transaction was rolled back")

// BeginTx implements driver.ConnBeginTx.
func (c *keepingConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	tx, err := c.wholeConn.BeginTx(ctx, o)
	if err != nil {
		return nil, err
	}
	c.inTx, c.rolledBack = true, false
	return keptTx{tx, c}, nil
}

type keptTx struct {
	driver.Tx
	on *keepingConn
}

func (t keptTx) Commit() error {
	t.on.inTx = false
	return t.Tx.Commit()
}

func (t keptTx) Rollback() error {
	t.on.inTx = false
	return t.Tx.Rollback()
}

func (c *keepingConn) check() error {
	if c.inTx && c.rolledBack {
		return errRolledBack
	}
	return nil
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *keepingConn) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return c.wholeConn.PrepareContext(ctx, text)
}

type keptStmt struct {
	driver.Stmt
	busy bool // its rows are still being read
}

// free returns the prepared statement for a text, or nil if it is in use or too
// many statements are kept.
func (c *keepingConn) free(ctx context.Context, text string) (*keptStmt, error) {
	if s := c.kept[text]; s != nil {
		if s.busy {
			return nil, nil
		}
		return s, nil
	}
	if len(c.kept) == maxKept {
		return nil, nil
	}
	stmt, err := c.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	s := &keptStmt{Stmt: stmt}
	c.kept[text] = s
	return s, nil
}

// ExecContext implements driver.ExecerContext. SQL without arguments is a script
// or rarely run, so it is not kept.
func (c *keepingConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if len(args) == 0 {
		return c.wholeConn.ExecContext(ctx, text, args)
	}
	s, err := c.free(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.wholeConn.ExecContext(ctx, text, args)
	}
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

// QueryContext implements driver.QueryerContext.
func (c *keepingConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	s, err := c.free(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.wholeConn.QueryContext(ctx, text, args)
	}
	rows, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return &keptRows{rows, s}, nil
}

// Close closes the statements, then the connection.
func (c *keepingConn) Close() error {
	var err error
	for _, s := range c.kept {
		err = errors.Join(err, s.Close())
	}
	return errors.Join(err, c.wholeConn.Close())
}

// Unwrap gives access to functions of the driver.
func (c *keepingConn) Unwrap() driver.Conn { return c.wholeConn }

type keptRows struct {
	driver.Rows
	of *keptStmt
}

func (r *keptRows) Close() error {
	err := r.Rows.Close()
	r.of.busy = false
	return err
}
