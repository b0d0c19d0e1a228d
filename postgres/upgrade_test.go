package postgres_test

import (
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/postgres/pgtest"
)

// What the first version stored is there after the upgrade to the delivery log,
// and whoever waited is not told of again.
func TestUpgradeToDeliveryLog(t *testing.T) {
	ctx := t.Context()
	s, err := postgres.Open(ctx, pgtest.NewEmpty(t), postgres.Options{})
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	conns := stdlib.OpenDBFromPool(s.Pool())
	t.Cleanup(func() { _ = conns.Close() })
	p, err := goose.NewProvider(goose.DialectPostgres, conns, os.DirFS("migrations"), goose.WithDisableGlobalRegistry(true))
	must(t, err)
	_, err = p.UpTo(ctx, 1)
	must(t, err)
	for _, statement := range []string{
		`INSERT INTO users (id, name, username, username_key, email, email_key, password_hash, language, profile, role, origin,
			verification_required, approval_required, created_at, verified_at, approved_by, rejected_by, rejection_reason, rejection_note, corrections, version, search)
		OVERRIDING SYSTEM VALUE
		VALUES (7, 'Ada', 'ada', 'ada', 'ada@example.org', 'ada@example.org', '', 'en', '{}', 'member', 'signup', true, true,
			to_timestamp(1), to_timestamp(2), '', '', '', '', 0, 1, '')`,
		`INSERT INTO mails (id, kind, user_id, recipient_id, claim_id, state, attempts, created_at, last_attempt_at, ended_at, last_answer)
		VALUES ('old', 'confirmation', 7, 7, 'c', 'sent', 2, to_timestamp(1), to_timestamp(1.5), to_timestamp(1.6), '250 ok'),
			('owed', 'admin_notice', 7, 7, '', 'owed', 1, to_timestamp(2), to_timestamp(2.5), NULL, '451 later')`,
	} {
		_, err := s.Pool().Exec(ctx, statement)
		must(t, err)
	}
	must(t, s.Migrate(ctx))
	must(t, s.View(ctx, func(r signup.Reader) error {
		u, err := r.User(ctx, 7)
		must(t, err)
		if !u.NoticedAt.Equal(at(1000)) || u.NoticesOff {
			t.Errorf("%+v", u)
		}
		mails, err := r.Mails(ctx, signup.MailQuery{})
		must(t, err)
		want := []signup.Mail{
			{
				ID: "owed", Kind: signup.MailAdminNotice, UserID: 7, RecipientID: 7, State: signup.MailOwed, Attempts: 1,
				CreatedAt: at(2000), TryingSince: at(2500), LastAttemptAt: at(2500), LastAnswer: "451 later",
			},
			{
				ID: "old", Kind: signup.MailConfirmation, UserID: 7, RecipientID: 7, ClaimID: "c", State: signup.MailSent, Attempts: 2,
				CreatedAt: at(1000), TryingSince: at(1500), LastAttemptAt: at(1500), EndedAt: at(1600), LastAnswer: "250 ok",
			},
		}
		if len(mails) != 2 || mails[0] != want[0] || mails[1] != want[1] {
			t.Errorf("%+v\nwant %+v", mails, want)
		}
		return nil
	}))
	must(t, s.Update(ctx, func(tx signup.Tx) error {
		return tx.AddMail(ctx, signup.Mail{ID: "new", Kind: signup.MailApproved, UserID: 7, RecipientID: 7, State: signup.MailCancelled, CreatedAt: at(1)})
	}))
}

func at(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
