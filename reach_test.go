package signup_test

import (
	"strings"
	"testing"

	"github.com/signup-go/signup"
)

// No door takes an address that no mail can be sent to.
func TestAddressesOutOfReach(t *testing.T) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t), func(o *signup.Options) {
				o.Reaches = func(email string) bool { return !strings.HasPrefix(email, "jürgen@") }
			})
			const unreachable = "jürgen@example.org"
			r := person("jurgen")
			r.Email = unreachable
			_, err := w.SignUp(w.ctx, r)
			w.refused(err, signup.CodeInvalid)
			ticket := w.ticket(person("ada"))
			w.refused(w.CorrectByTicket(w.ctx, ticket, unreachable), signup.CodeInvalid)
			_, err = w.CorrectEmail(w.ctx, w.user("ada").ID, unreachable, signup.ActorCLI)
			w.refused(err, signup.CodeInvalid)
		})
	}
}
