package sqlite

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/signup-go/signup"
)

// What the first version stored is there after the upgrade to the delivery log,
// and whoever waited is not told of again.
func TestUpgradeToDeliveryLog(t *testing.T) {
	ctx := t.Context()
	s, err := Open(ctx, filepath.Join(t.TempDir(), "db"), Options{})
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	p, err := s.goose()
	must(t, err)
	_, err = p.UpTo(ctx, 1)
	must(t, err)
	for _, statement := range []string{
		`INSERT INTO users (id, name, username, username_key, email, email_key, password_hash, language, profile, role, origin,
			verification_required, approval_required, created_at, verified_at, approved_by, rejected_by, rejection_reason, rejection_note, corrections, version, search)
		VALUES (7, 'Ada', 'ada', 'ada', 'ada@example.org', 'ada@example.org', '', 'en', '{}', 'member', 'signup', 1, 1, 1000, 2000, '', '', '', '', 0, 1, '')`,
		`INSERT INTO mails (seq, id, kind, user_id, recipient_id, claim_id, state, attempts, created_at, last_attempt_at, ended_at, last_answer)
		VALUES (5, 'old', 'confirmation', 7, 7, 'c', 'sent', 2, 1000, 1500, 1600, '250 ok'), (9, 'owed', 'admin_notice', 7, 7, '', 'owed', 1, 2000, 2500, NULL, '451 later')`,
	} {
		_, err := s.writer.ExecContext(ctx, statement)
		must(t, err)
	}
	must(t, s.Migrate(ctx))
	must(t, s.View(ctx, func(r signup.Reader) error {
		u, err := r.User(ctx, 7)
		must(t, err)
		if !u.NoticedAt.Equal(time.UnixMilli(1000)) || u.NoticesOff {
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
	// Numbers that were given out do not come again, and what hangs on a user goes with him.
	must(t, s.Update(ctx, func(tx signup.Tx) error {
		return tx.AddMail(ctx, signup.Mail{ID: "new", Kind: signup.MailApproved, UserID: 7, RecipientID: 7, State: signup.MailCancelled, CreatedAt: at(1)})
	}))
	var seq, left int
	must(t, s.writer.QueryRowContext(ctx, `SELECT seq FROM mails WHERE id = 'new'`).Scan(&seq))
	must(t, s.Update(ctx, func(tx signup.Tx) error { return tx.DeleteUser(ctx, 7) }))
	must(t, s.writer.QueryRowContext(ctx, `SELECT count(*) FROM mails`).Scan(&left))
	if seq != 10 || left != 0 {
		t.Errorf("the new mail has number %d, want 10; %d mails are left", seq, left)
	}
}

func at(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
