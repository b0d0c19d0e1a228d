package signup_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/signup-go/signup"
)

// TestMachine runs random sequences of verbs, clock jumps and changed settings
// against what a person would say must hold, on every database.
func TestMachine(t *testing.T) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			store := open(t)
			rapid.Check(t, func(rt *rapid.T) {
				m := newMachine(t, store)
				rt.Repeat(map[string]func(*rapid.T){
					"":             m.check,
					"sign up":      m.signUp,
					"deliver":      m.deliver,
					"confirm":      m.confirm,
					"approve":      m.approve,
					"reject":       m.reject,
					"reconsider":   m.reconsider,
					"verify":       m.verify,
					"resend":       m.resend,
					"correct":      m.correct,
					"pass time":    m.passTime,
					"set":          m.setting,
					"clean":        m.clean,
					"confirm more": m.confirm,
					"sign up more": m.signUp,
				})
			})
		})
	}
}

// A machine knows what it did: the facts it caused per user, and every link
// that a mail ever carried.
type machine struct {
	*world
	facts map[int64]*facts
	links []link
	tries int
}

type facts struct {
	needsVerification, needsApproval bool // of the user's first sign-up
	proved                           map[string]bool
	byHand, approved                 bool
}

type link struct {
	token, address, username string
}

// newMachine starts on an empty store; to wipe one is cheaper than to make one.
func newMachine(t *testing.T, store signup.Store) *machine {
	m := &machine{world: newWorld(t, store), facts: map[int64]*facts{}}
	users, _, err := m.Users(m.ctx, signup.UserQuery{})
	m.must(err)
	m.must(store.Update(m.ctx, func(tx signup.Tx) error {
		for _, u := range users {
			if err := tx.DeleteUser(m.ctx, u.ID); err != nil {
				return err
			}
		}
		return tx.PutSettings(m.ctx, signup.DefaultSettings().Values())
	}))
	m.admin("boss")
	return m
}

var (
	someAddresses = rapid.SampledFrom([]string{"a@example.org", "A@example.org", "b@example.org", "c@example.org"})
	someNames     = rapid.SampledFrom([]string{"ann", "ANN", "bea", "cid", "dan", "eve"})
)

func (m *machine) users() []signup.User {
	users, _, err := m.Users(m.ctx, signup.UserQuery{Role: signup.RoleMember})
	m.must(err)
	return users
}

func (m *machine) any(rt *rapid.T) signup.User {
	users := m.users()
	if len(users) == 0 {
		rt.Skip("nobody there")
	}
	return rapid.SampledFrom(users).Draw(rt, "user")
}

// expected fails on a fault: a refusal is always an answer.
func (m *machine) expected(rt *rapid.T, err error) bool {
	if err != nil && signup.Refusals(err) == nil {
		rt.Fatalf("fault: %v", err)
	}
	return err == nil
}

func (m *machine) signUp(rt *rapid.T) {
	m.tries++
	r := personAt(someNames.Draw(rt, "username"), someAddresses.Draw(rt, "address"))
	r.Password = fmt.Sprintf("Passw0rd!%d", m.tries)
	settings, err := m.Settings(m.ctx)
	m.must(err)
	before := m.byID()
	_, err = m.SignUp(m.ctx, r)
	if !m.expected(rt, err) {
		return
	}
	for id, u := range m.byID() {
		old, known := before[id]
		if !known {
			m.facts[id] = &facts{
				needsVerification: settings.RequireEmailVerification,
				needsApproval:     settings.RequireAdminApproval, proved: map[string]bool{},
			}
		} else if old.Version != u.Version && !settings.RequireEmailVerification {
			// A second sign-up took over where nothing needs to be proved.
			f := m.facts[id]
			f.needsVerification, f.approved = false, false
			f.needsApproval = settings.RequireAdminApproval || old.Status() == signup.StatusRejected
		}
	}
}

func (m *machine) byID() map[int64]signup.User {
	out := map[int64]signup.User{}
	for _, u := range m.users() {
		out[u.ID] = u
	}
	return out
}

func (m *machine) deliver(*rapid.T) {
	for _, letter := range m.world.deliver() {
		if letter.Kind == signup.MailConfirmation {
			m.links = append(m.links, link{letter.Link, letter.Recipient.Email, letter.User.Username})
		}
	}
}

func (m *machine) confirm(rt *rapid.T) {
	if len(m.links) == 0 {
		rt.Skip("no links")
	}
	l := rapid.SampledFrom(m.links).Draw(rt, "link")
	before := m.byID()
	got, err := m.Confirm(m.ctx, l.token)
	if !m.expected(rt, err) {
		return
	}
	u := m.byID()[got.UserID]
	if u.Email != l.address || u.Username != l.username {
		rt.Fatalf("the link of %s at %s made an account of %s at %s", l.username, l.address, u.Username, u.Email)
	}
	f := m.facts[got.UserID]
	f.proved[u.Email] = true
	if before[got.UserID].Status() == signup.StatusRejected {
		f.approved, f.needsApproval = false, true
	} else {
		f.needsApproval = u.ApprovalRequired
	}
}

func (m *machine) approve(rt *rapid.T) {
	u := m.any(rt)
	_, err := m.Approve(m.ctx, u.ID, "test")
	if m.expected(rt, err) {
		m.facts[u.ID].approved = true
	}
	want := u.Status() == signup.StatusPendingApproval || u.Status() == signup.StatusActive
	if (err == nil) != want {
		rt.Fatalf("approving a user who is %s: %v", u.Status(), err)
	}
}

func (m *machine) reject(rt *rapid.T) {
	u := m.any(rt)
	_, err := m.Reject(m.ctx, u.ID, "no", "", "test")
	m.expected(rt, err)
	want := u.Status() == signup.StatusPendingApproval || u.Status() == signup.StatusRejected
	if (err == nil) != want {
		rt.Fatalf("rejecting a user who is %s: %v", u.Status(), err)
	}
}

func (m *machine) reconsider(rt *rapid.T) {
	u := m.any(rt)
	_, err := m.Reconsider(m.ctx, u.ID, "test")
	if m.expected(rt, err) {
		m.facts[u.ID].approved, m.facts[u.ID].needsApproval = false, true
	}
}

func (m *machine) verify(rt *rapid.T) {
	u := m.any(rt)
	_, err := m.VerifyByHand(m.ctx, u.ID, "test")
	if m.expected(rt, err) {
		m.facts[u.ID].byHand = true
	}
}

func (m *machine) resend(rt *rapid.T) { m.must(m.Resend(m.ctx, someAddresses.Draw(rt, "address"))) }

func (m *machine) correct(rt *rapid.T) {
	u := m.any(rt)
	_, err := m.CorrectEmail(m.ctx, u.ID, someAddresses.Draw(rt, "address"), "test")
	m.expected(rt, err)
}

func (m *machine) passTime(rt *rapid.T) {
	hours := rapid.SampledFrom([]int{1, 23, 25, 24 * 8, 24 * 100}).Draw(rt, "hours")
	m.clock.advance(time.Duration(hours) * time.Hour)
}

func (m *machine) setting(rt *rapid.T) {
	name := rapid.SampledFrom([]string{
		"signup_require_email_verification", "signup_require_admin_approval", "conceal_emails",
	}).Draw(rt, "setting")
	m.set(name, rapid.SampledFrom([]string{"true", "false"}).Draw(rt, "value"))
}

func (m *machine) clean(*rapid.T) {
	_, err := m.DeleteExpired(m.ctx)
	m.must(err)
	_, err = m.DeleteLapsed(m.ctx)
	m.must(err)
}

// check is what must hold after every step.
func (m *machine) check(rt *rapid.T) {
	names, addresses := map[string]bool{}, map[string]bool{}
	for _, u := range m.users() {
		f := m.facts[u.ID]
		if names[u.UsernameKey] || addresses[u.EmailKey] {
			rt.Fatalf("%s at %s is there twice", u.Username, u.Email)
		}
		names[u.UsernameKey], addresses[u.EmailKey] = true, true
		m.checkFacts(rt, u, f)
		m.checkWayOut(rt, u)
	}
}

func (m *machine) checkFacts(rt *rapid.T, u signup.User, f *facts) {
	if !u.VerifiedAt.IsZero() && !f.byHand && !f.proved[u.Email] {
		rt.Fatalf("%s is verified at %s, which nobody proved", u.Username, u.Email)
	}
	if !u.Active() {
		return
	}
	if f.needsVerification && !f.byHand && !f.proved[u.Email] {
		rt.Fatalf("%s is active without the proof that was required", u.Username)
	}
	if f.needsApproval && !f.approved {
		rt.Fatalf("%s is active without the approval that was required", u.Username)
	}
}

// checkWayOut proves that no unconfirmed user is stuck: there is a link, or a
// mail on its way, or asking for one brings one. The steps out of the other
// statuses are all tried above.
func (m *machine) checkWayOut(rt *rapid.T, u signup.User) {
	if u.Status() != signup.StatusUnconfirmed {
		return
	}
	var live bool
	m.must(m.store.View(m.ctx, func(r signup.Reader) (err error) {
		live, err = r.HasValidToken(m.ctx, u.ID, m.clock.Now())
		return err
	}))
	if live || m.owed(u) > 0 {
		return
	}
	m.must(m.Resend(m.ctx, u.Email))
	if m.owed(u) == 0 {
		rt.Fatalf("%s has no link, is owed none and can get none", u.Username)
	}
}

func (m *machine) owed(u signup.User) int {
	mails, err := m.Mails(m.ctx, signup.MailQuery{UserID: u.ID, Kind: signup.MailConfirmation, State: signup.MailOwed})
	m.must(err)
	return len(mails)
}
