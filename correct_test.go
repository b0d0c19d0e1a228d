package signup_test

import (
	"testing"

	"github.com/signup-go/signup"
)

// Whose address was refused signs up again, with the address put right.
func TestNewSignUpCorrectsARefusedAddress(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		old := w.token("ada@example.org")
		w.signUp("bob")
		again := personAt("ADA", "ada@example.net")
		again.Password = "Passw0rd!ada"
		_, err := w.SignUp(w.ctx, again)
		w.refused(err, signup.CodeUsernameTaken) // the mail arrived

		w.must(w.Resend(w.ctx, "ada@example.org"))
		w.fail(w.mailTo("ada", signup.MailConfirmation).ID, refusedAtRcpt)
		wrong := again
		wrong.Password = "Passw0rd!eve"
		_, err = w.SignUp(w.ctx, wrong)
		w.refused(err, signup.CodeUsernameTaken)
		taken := again
		taken.Email = "bob@example.org"
		_, err = w.SignUp(w.ctx, taken)
		w.refused(err, signup.CodeUsernameTaken)

		id := w.user("ada").ID
		receipt, err := w.SignUp(w.ctx, again)
		w.must(err)
		u := w.user("ada")
		if u.ID != id || u.Email != "ada@example.net" || !u.UndeliverableAt.IsZero() || !receipt.EmailVerificationRequired || !receipt.AdminApprovalRequired {
			t.Fatalf("%+v, %+v", u, receipt)
		}
		_, err = w.Confirm(w.ctx, old)
		w.refused(err, signup.CodeTokenUnknown)
		_, err = w.Confirm(w.ctx, w.token("ada@example.net"))
		w.must(err)
		w.status("ada", signup.StatusPendingApproval)
		w.status("bob", signup.StatusUnconfirmed)
	})
}

// There is an end to that, and of many at once each leaves one address with
// one link.
func TestCorrectionsBySignUpAreLimited(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		again := person("ada")
		for i := range signup.MaxCorrections {
			w.fail(w.mailTo("ada", signup.MailConfirmation).ID, refusedAtRcpt)
			errs := make([]error, 4)
			parallel(len(errs), func(j int) error {
				r := again
				r.Email = string(rune('a'+i)) + string(rune('a'+j)) + "@example.net"
				_, errs[j] = w.SignUp(w.ctx, r)
				return errs[j]
			})
			taken := 0
			for _, err := range errs {
				if err == nil {
					taken++
				} else {
					w.refused(err, signup.CodeUsernameTaken)
				}
			}
			if taken != 1 || w.user("ada").Corrections != i+1 {
				t.Fatalf("%d of the sign-ups were taken; %+v", taken, w.user("ada"))
			}
		}
		w.fail(w.mailTo("ada", signup.MailConfirmation).ID, refusedAtRcpt)
		again.Email = "last@example.net"
		_, err := w.SignUp(w.ctx, again)
		w.refused(err, signup.CodeUsernameTaken)
		if sent := w.deliver(); len(sent) != 0 {
			t.Fatalf("sent %v", kinds(sent))
		}
	})
}
