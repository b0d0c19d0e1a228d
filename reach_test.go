package signup_test

import (
	"strings"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
)

// Every operation that sets an address refuses one that no mail can be sent to.
func TestUnreachableAddressesAreRefused(t *testing.T) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t), func(o *signup.Options) {
				o.Reaches = func(email string) bool { return !strings.HasPrefix(email, "jürgen@") }
			})
			const unreachable = "jürgen@example.org"
			r := person("jurgen")
			r.Email = unreachable
			_, err := w.SignUp(w.ctx, r)
			w.refused(err, refusal.Invalid)
			ticket := w.ticket(person("ada"))
			w.refused(w.CorrectByTicket(w.ctx, ticket, unreachable), refusal.Invalid)
			_, err = w.As(signup.ActorCLI).CorrectEmail(w.ctx, w.user("ada").ID, unreachable)
			w.refused(err, refusal.Invalid)
		})
	}
}
