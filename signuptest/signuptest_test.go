package signuptest_test

import (
	"context"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/signuptest"
	"github.com/signup-go/signup/sqlite"
)

// The test of an application that stores a member for everybody who is let in.
func TestMember(t *testing.T) {
	s := signuptest.New(t, func(o *signup.Options) { o.OnActive = addMember })
	if _, err := s.Store.Writer().ExecContext(t.Context(), "CREATE TABLE members (id INTEGER, name TEXT UNIQUE)"); err != nil {
		t.Fatal(err)
	}
	s.SignUp("bob") // waits
	ada := s.LetIn("ada")
	var name string
	if err := s.Store.Writer().QueryRowContext(t.Context(), "SELECT name FROM members WHERE id = ?", ada.ID).Scan(&name); err != nil || name != "ada" {
		t.Errorf("the member is %q, %v", name, err)
	}
	var members int
	if err := s.Store.Writer().QueryRowContext(t.Context(), "SELECT count(*) FROM members").Scan(&members); err != nil || members != 1 {
		t.Errorf("%d members, %v", members, err)
	}
}

func addMember(ctx context.Context, tx signup.Tx, u signup.User) error {
	db, err := sqlite.SQL(tx)
	if err == nil {
		_, err = db.ExecContext(ctx, "INSERT INTO members (id, name) VALUES (?, ?)", u.ID, u.Username)
	}
	return err
}

func TestClockAndMailbox(t *testing.T) {
	s := signuptest.New(t)
	s.SignUp("ada")
	token := s.Token("ada@example.org")
	if mails := s.Deliver(); len(mails) != 0 {
		t.Errorf("delivered again: %+v", mails)
	}
	s.Clock.Advance(25 * time.Hour)
	if _, err := s.Confirm(t.Context(), token); !refusal.Is(err, refusal.TokenExpired) {
		t.Errorf("a link of yesterday: %v", err)
	}
	if err := s.Resend(t.Context(), "ada@example.org"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Confirm(t.Context(), s.Token("ada@example.org")); err != nil {
		t.Error(err)
	}
}

func TestLetInWithoutConditions(t *testing.T) {
	s := signuptest.New(t)
	s.Set(map[string]string{"signup_require_email_verification": "false", "signup_require_admin_approval": "false"})
	if u := s.LetIn("ada"); !u.Active() {
		t.Errorf("ada is %s", u.Status())
	}
	if mails := s.Deliver(); len(mails) != 1 || mails[0].Kind != signup.MailWelcome {
		t.Errorf("mailed %+v, want a welcome", mails)
	}
}

func TestServicesShareNothing(t *testing.T) {
	one, other := signuptest.New(t), signuptest.New(t)
	one.LetIn("ada")
	if _, err := other.FindUser(t.Context(), "ada"); !refusal.Is(err, refusal.UserNotFound) {
		t.Errorf("another service finds ada: %v", err)
	}
	other.LetIn("ada")
	if current, latest, err := other.Store.Version(t.Context()); err != nil || current != latest {
		t.Errorf("the file has version %d of %d, %v", current, latest, err)
	}
}
