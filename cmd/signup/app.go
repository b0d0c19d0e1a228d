package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/letters"
	"github.com/signup-go/signup/outbox"
	"github.com/signup-go/signup/password"
)

// An opener opens a database; openDatabase makes the one that is not there, and
// openExisting does not.
type opener func(ctx context.Context, where string, o outbox.Options) (*database, error)

// open opens the database, its tables up to date.
func (s *session) open(ctx context.Context, open opener, log *slog.Logger) (*database, error) {
	if err := s.config.err(); err != nil {
		return nil, err
	}
	db, err := open(ctx, s.config.database, outbox.Options{Log: log, Schema: s.config.schema})
	if err != nil {
		return nil, s.elsewhere(err)
	}
	if err := db.prepare(ctx, s.config.noMigrate); err != nil {
		return nil, errors.Join(err, db.close())
	}
	return db, nil
}

// service makes the rules over a store. Without a writer nothing is mailed;
// reaches is signup.Options.Reaches.
func (s *session) service(db *database, writer signup.Writer, base string, log *slog.Logger, reaches func(string) bool) (*signup.Service, error) {
	hasher := password.NewHasher(s.config.passwordParams, 0, 0)
	hasher.After = runtime.GC // nearly all memory here is that of hashes
	o := signup.Options{
		Hasher: hasher,
		Fields: s.config.fields,
		Log:    log, Reaches: reaches,

		TermsVersion:      s.config.pages.termsVersion,
		ConfirmNeedsProof: s.config.confirmNeedsProof,

		SessionIdle: s.config.sessionIdle, SessionLifetime: s.config.sessionLifetime,
	}
	o.Chats = s.config.chatNames()
	if s.config.rateLimit.N == 0 {
		o.MailLimits = []signup.Limit{}
	}
	if writer != nil {
		o.Letters, o.Links = writer, s.config.links.linksUnder(base)
	}
	return signup.New(db.store, o)
}

// letters makes the writer of the letters that a server at base sends.
func (s *session) letters(base string) (*letters.Letters, error) {
	return letters.New(s.config.letterOptions(base))
}

// elsewhere adds to the word that there is no database where one is named.
func (s *session) elsewhere(err error) error {
	if !errors.Is(err, errNoDatabase) {
		return err
	}
	return fmt.Errorf("%w; name another with --database or %s, or make this one: signup migrate", err, variableOf("database"))
}

// with runs f on the service as a command has it: what f changes can owe
// mails, which a running server sends, or the next one that starts. The
// database must be there, for its name may be mistyped.
func (s *session) with(ctx context.Context, f func(*signup.Service) error) error {
	return s.withOpened(ctx, openExisting, func(_ *database, svc *signup.Service) error { return f(svc) })
}

// withNew is with for commands that one begins with: it makes the database.
func (s *session) withNew(ctx context.Context, f func(*signup.Service) error) error {
	return s.withOpened(ctx, openDatabase, func(_ *database, svc *signup.Service) error { return f(svc) })
}

func (s *session) withOpened(ctx context.Context, open opener, f func(*database, *signup.Service) error) (err error) {
	log := s.commandLog()
	db, err := s.open(ctx, open, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	var writer signup.Writer = serverWrites{}
	if s.config.noMail {
		writer = nil
	}
	svc, err := s.service(db, writer, s.config.baseURL, log, nil)
	if err != nil {
		return err
	}
	return f(db, svc)
}

// serverWrites stands for the letters that only the server writes.
type serverWrites struct{}

func (serverWrites) Write(signup.Message) (signup.Text, error) {
	return signup.Text{}, errors.New("letters are written by signup serve")
}
