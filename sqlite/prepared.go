package sqlite

import (
	"context"
	"database/sql"
	"sync"

	"github.com/signup-go/signup/sqlite/internal/db"
)

// prepared are the statements of a pool, made when they are first needed: the
// tables are there only after Migrate.
type prepared struct {
	pool *sql.DB
	mu   sync.Mutex
	q    *db.Queries
}

func (p *prepared) get(ctx, wait context.Context) (*db.Queries, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.q == nil {
		q, err := db.Prepare(wait, p.pool)
		if err != nil {
			return nil, waited(ctx, wait, "prepare the queries (is the database migrated?)", err)
		}
		p.q = q
	}
	return p.q, nil
}

func (p *prepared) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.q == nil {
		return nil
	}
	return p.q.Close()
}
