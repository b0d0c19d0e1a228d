package main

import (
	"context"
	"errors"
	"io"
)

type migrateCmd struct{}

func (migrateCmd) Help() string {
	return `Forward only, and harmless when there is nothing to do. serve and all other commands do it themselves, unless --no-migrate or SIGNUP_NO_MIGRATE=true says otherwise.

Examples:

    signup migrate --database sqlite:/var/lib/signup/signup.db`
}

// Run migrates whatever --no-migrate says.
func (migrateCmd) Run(ctx context.Context, s *session) (err error) {
	s.config.noMigrate = false
	db, err := s.open(ctx, openDatabase, s.commandLog())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	current, _, err := db.version(ctx)
	if err != nil {
		return err
	}
	return s.answer(map[string]any{"version": current}, func(w io.Writer) {
		_, _ = io.WriteString(w, "The database is up to date.\n")
	})
}
