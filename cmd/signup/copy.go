package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/signup-go/signup/internal/tables"
	"github.com/signup-go/signup/outbox"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/sqlite"
)

type copyCmd struct {
	From string `required:"" placeholder:"DATABASE" help:"The database to read."`
	To   string `required:"" placeholder:"DATABASE" help:"The database to fill, which must be empty. Its tables are made."`
}

func (copyCmd) Help() string {
	return `It moves everything from one database to another, in either direction: users with their ids, links that were mailed and still work, mails, settings, API keys and the audit trail. Mails that are owed will be sent by the server that runs on the copy. Either everything is copied or nothing.

Stop the server first: what happens in the old database after the copy began is not in the new one. And do not serve both, or both will send the mails owed. Both must be of this version: run signup migrate on the old one.

Leave the password out of the URL, because other users can see command lines: use PostgreSQL's PGPASSWORD or PGPASSFILE.

Examples:

    signup copy --from sqlite:/var/lib/signup/signup.db --to postgres://signup@db.example.org/signup
    signup copy --from postgres://signup@db.example.org/signup --to sqlite:/var/lib/signup/signup.db`
}

// A mover is a store whose rows can be moved; see package internal/tables.
type mover interface {
	Export(ctx context.Context, row func(table string, values []any) error) error
	Import(ctx context.Context, load func(row func(table string, values []any) error) error) error
}

// Run copies.
func (c copyCmd) Run(ctx context.Context, s *session) (err error) {
	from, to, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.close(), to.close()) }()
	var p *copying
	err = to.store.(mover).Import(ctx, func(row func(string, []any) error) error {
		p = &copying{session: s, said: time.Now(), rows: map[string]int{}}
		return from.store.(mover).Export(ctx, func(table string, values []any) error {
			p.count(table)
			return row(table, values)
		})
	})
	switch {
	case errors.Is(err, sqlite.ErrNotEmpty), errors.Is(err, postgres.ErrNotEmpty):
		return usagef("--to: %w; copy into a new one", err)
	case err != nil:
		return fmt.Errorf("nothing was copied: %w", err)
	}
	return p.show()
}

// open opens both ends, the source as it is and the target with its tables.
func (c copyCmd) open(ctx context.Context, s *session) (from, to *database, err error) {
	if err := checkDatabase(c.From); err != nil {
		return nil, nil, usagef("--from: %w", err)
	}
	if err := checkDatabase(c.To); err != nil {
		return nil, nil, usagef("--to: %w", err)
	}
	from, err = openExisting(ctx, c.From, s.endOfCopy(c.From))
	if err != nil {
		return nil, nil, fmt.Errorf("--from: %w", err)
	}
	if err := from.checkVersion(ctx); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("--from: %w", err), from.close())
	}
	to, err = openDatabase(ctx, c.To, s.endOfCopy(c.To))
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("--to: %w", err), from.close())
	}
	if err := to.prepare(ctx, false); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("--to: %w", err), from.close(), to.close())
	}
	return from, to, nil
}

// endOfCopy returns the options of one end, of which PostgreSQL alone has schemas.
func (s *session) endOfCopy(where string) outbox.Options {
	o := outbox.Options{Log: s.commandLog()}
	if !strings.HasPrefix(where, "sqlite:") {
		o.Schema = s.config.schema
	}
	return o
}

// A copying counts what is under way.
type copying struct {
	*session
	said time.Time // when the progress was last told
	all  int
	rows map[string]int
}

// count says every second how far it is.
func (p *copying) count(table string) {
	if table == tables.Counters {
		return
	}
	p.rows[table]++
	p.all++
	if p.all%1000 == 0 && time.Since(p.said) >= time.Second {
		p.said = time.Now()
		p.hint("copying: %s, at %s", count(p.all, "row"), table)
	}
}

// show prints the counts, which Import has compared with what has arrived.
func (p *copying) show() error {
	err := p.answer(map[string]any{"copied": p.rows}, func(w io.Writer) {
		rows := [][]string{{"TABLE", "ROWS"}}
		for _, t := range tables.All() {
			rows = append(rows, []string{t.Name, strconv.Itoa(p.rows[t.Name])})
		}
		table(w, rows)
	})
	if err == nil {
		p.hint("Everything was copied. Serve the new database from now on, and the old one no more.")
	}
	return err
}
