package signup_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/identity"
	"github.com/signup-go/signup/refusal"
)

// rounds are how many times -rapid.checks histories, 100 by default, are tried on
// a database.
var rounds = map[string]int{"sqlite": 10, "postgres": 1}

// TestMachine runs random sequences of operations, clock jumps and settings
// changes on every database, and checks the invariants after every step.
func TestMachine(t *testing.T) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			store := open(t)
			history := func(rt *rapid.T) {
				m := newMachine(t, store)
				rt.Repeat(map[string]func(*rapid.T){
					"":                m.check,
					"sign up":         m.signUp,
					"sign up more":    m.signUp,
					"deliver":         m.deliver,
					"deliver more":    m.deliver,
					"confirm":         m.confirm,
					"confirm as":      m.confirmAs,
					"confirm at once": m.confirmAtOnce,
					"approve":         m.approve,
					"reject":          m.reject,
					"reconsider":      m.reconsider,
					"verify":          m.verify,
					"resend":          m.resend,
					"use a ticket":    m.useTicket,
					"correct":         m.correct,
					"disable":         m.setDisabled,
					"change":          m.change,
					"not me":          m.notMe,
					"pass time":       m.passTime,
					"set":             m.setting,
					"clean":           m.clean,
				})
			}
			for range rounds[name] {
				rapid.Check(t, history)
			}
		})
	}
}

// A machine records what it did: the sign-ups it made, with their data, and every
// link that was ever mailed.
type machine struct {
	*world
	signUps map[int64]*madeSignUp
	links   []link
	tickets []string
}

// A madeSignUp is the part of a sign-up that only the person who made it may
// change.
type madeSignUp struct {
	username, password               string
	needsVerification, needsApproval bool
	mailed                           map[string]bool // the addresses of this mailbox to which a link was mailed
	proved, byHand, approved         bool
	disabled                         bool
	rejectedBefore                   bool // a rejected sign-up had its address
}

type link struct {
	token, address string
	userID         int64
}

// newMachine starts with an empty store; wiping one is faster than creating one.
func newMachine(t *testing.T, store signup.Store) *machine {
	m := &machine{world: newWorld(t, store), signUps: map[int64]*madeSignUp{}}
	users, _, err := m.As("test").Users(m.ctx, signup.UserQuery{Limit: 100_000})
	m.must(err)
	m.must(store.Update(m.ctx, func(tx signup.Tx) error {
		for _, u := range users {
			if err := tx.DeleteUser(m.ctx, u.ID); err != nil {
				return err
			}
		}
		_, err1 := tx.TakeLinkRequests(m.ctx, 1000)
		_, err2 := tx.DeleteOld(m.ctx, signup.OldAddressMails, m.clock.Now().Add(10_000*time.Hour), 100_000)
		return errors.Join(err1, err2, tx.PutSettings(m.ctx, signup.DefaultSettings().Values()))
	}))
	m.admin("boss")
	return m
}

var (
	someAddresses = rapid.SampledFrom([]string{"a@example.org", "A@example.org", "a+tag@example.org", "b@example.org", "c@example.org"})
	someNames     = rapid.SampledFrom([]string{"ann", "ANN", "bea", "cid", "dan", "eve"})
	somePasswords = rapid.SampledFrom([]string{"Passw0rd!one", "Passw0rd!two"})
)

func (m *machine) users() []signup.User {
	return slices.DeleteFunc(m.rows(), isBlank)
}

// isBlank reports whether a sign-up was corrected and then disowned.
func isBlank(u signup.User) bool { return u.Email == "" }

func (m *machine) rows() []signup.User {
	users, _, err := m.As("test").Users(m.ctx, signup.UserQuery{Role: signup.RoleMember})
	m.must(err)
	return users
}

// any draws a user, one who was disowned included.
func (m *machine) any(rt *rapid.T) signup.User {
	users := m.rows()
	if len(users) == 0 {
		rt.Skip("no users")
	}
	return rapid.SampledFrom(users).Draw(rt, "user")
}

// expected fails on a fault; a refusal is always acceptable.
func (m *machine) expected(rt *rapid.T, err error) bool {
	if err != nil && refusal.Of(err) == nil {
		rt.Fatalf("fault: %v", err)
	}
	return err == nil
}

func (m *machine) signUp(rt *rapid.T) {
	r := personAt(someNames.Draw(rt, "username"), someAddresses.Draw(rt, "address"))
	r.Password = somePasswords.Draw(rt, "password")
	r.WantsTicket = true
	if len(m.tickets) > 0 && rapid.Bool().Draw(rt, "same browser") {
		r.Ticket = rapid.SampledFrom(m.tickets).Draw(rt, "ticket")
	}
	settings, err := m.Settings(m.ctx)
	m.must(err)
	var replaced int64
	if st, err := m.SignUpStatus(m.ctx, r.Ticket); err == nil && st.Status == signup.StatusUnconfirmed {
		replaced = m.user(st.Username).ID
	}
	receipt, err := m.SignUp(m.ctx, r)
	if !m.expected(rt, err) {
		return
	}
	m.tickets = append(m.tickets, receipt.Ticket.Reveal())
	u := m.user(r.Username)
	made, known := m.signUps[u.ID]
	if !known {
		made = &madeSignUp{
			needsVerification: settings.RequireEmailVerification, needsApproval: settings.RequireAdminApproval,
			mailed: map[string]bool{}, username: u.UsernameKey, password: r.Password,
		}
		made.rejectedBefore = u.HoldsAddress() && m.rejectedAt(u.EmailKey)
		m.signUps[u.ID] = made
	}
	if u.ID == replaced {
		made.password = r.Password
	}
	if made.password != r.Password {
		rt.Fatalf("a sign-up with the username %s was accepted with another password", u.Username)
	}
}

func (m *machine) rejectedAt(key string) bool {
	for _, u := range m.users() {
		if u.EmailKey == key && u.Status() == signup.StatusRejected {
			return true
		}
	}
	return false
}

func (m *machine) deliver(rt *rapid.T) {
	perMailbox := map[string]int{}
	for _, letter := range m.world.deliver() {
		switch letter.Kind {
		case signup.MailConfirmation, signup.MailReminder:
			u := m.user(letter.User.Username)
			m.links = append(m.links, link{letter.Link, letter.Recipient.Email, u.ID})
		case signup.MailAccountExists:
		default:
			continue
		}
		perMailbox[mailbox(letter.Recipient.Email)]++
	}
	for to, n := range perMailbox {
		if n > 2 {
			rt.Fatalf("%d mails to %s at once", n, to)
		}
	}
}

// mailbox returns the mailbox that someAddresses share.
func mailbox(address string) string { return address[:1] + "@" }

func (m *machine) someLink(rt *rapid.T) link {
	if len(m.links) == 0 {
		rt.Skip("no links")
	}
	return rapid.SampledFrom(m.links).Draw(rt, "link")
}

// confirmed checks and records the effects of a confirmation.
func (m *machine) confirmed(rt *rapid.T, id int64, l link, before map[int64]signup.User) {
	u, err := m.User(m.ctx, id)
	m.must(err)
	if key(u.Email) != key(l.address) {
		rt.Fatalf("a link to %s confirmed %s", l.address, u.Email)
	}
	made := m.signUps[id]
	made.proved = true
	made.rejectedBefore = made.rejectedBefore || !before[id].HoldsAddress() && m.rejectedAt(u.EmailKey)
}

func key(address string) string {
	email, err := identity.ParseEmail(address)
	if err != nil {
		panic(err)
	}
	return email.Key
}

func (m *machine) byID() map[int64]signup.User {
	out := map[int64]signup.User{}
	for _, u := range m.users() {
		out[u.ID] = u
	}
	return out
}

func (m *machine) confirm(rt *rapid.T) {
	l, before := m.someLink(rt), m.byID()
	got, err := m.Confirm(m.ctx, l.token)
	if !m.expected(rt, err) {
		return
	}
	if got.UserID != l.userID {
		rt.Fatalf("the link of user %d confirmed user %d", l.userID, got.UserID)
	}
	m.confirmed(rt, got.UserID, l, before)
}

func (m *machine) confirmAs(rt *rapid.T) {
	l, before := m.someLink(rt), m.byID()
	c := signup.Claimant{Username: someNames.Draw(rt, "username"), Password: somePasswords.Draw(rt, "password")}
	switch rapid.IntRange(0, 2).Draw(rt, "proof") {
	case 0:
		if len(m.tickets) == 0 {
			rt.Skip("no tickets")
		}
		c = signup.Claimant{Ticket: rapid.SampledFrom(m.tickets).Draw(rt, "ticket")}
	case 1:
		c = signup.Claimant{NewPassword: somePasswords.Draw(rt, "new password")}
	}
	got, err := m.ConfirmAs(m.ctx, l.token, c)
	if !m.expected(rt, err) {
		return
	}
	made := m.signUps[got.UserID]
	switch {
	case c.NewPassword != "":
		made.password = c.NewPassword
	case c.Password != "" && made.password != c.Password:
		rt.Fatalf("confirmed by a wrong password")
	}
	m.confirmed(rt, got.UserID, l, before)
}

// confirmAtOnce confirms several sign-ups of one address at the same moment.
func (m *machine) confirmAtOnce(rt *rapid.T) {
	l, before := m.someLink(rt), m.byID()
	var same []link
	for _, other := range m.links {
		if key(other.address) == key(l.address) {
			same = append(same, other)
		}
	}
	ids := make([]int64, len(same))
	won := 0
	for i, err := range parallel(len(same), func(i int) error {
		got, err := m.Confirm(m.ctx, same[i].token)
		ids[i] = got.UserID
		return err
	}) {
		if m.expected(rt, err) {
			won++
			m.confirmed(rt, ids[i], same[i], before)
		}
	}
	if won > 1 {
		rt.Fatalf("%d sign-ups with %s were confirmed", won, l.address)
	}
}

func (m *machine) approve(rt *rapid.T) {
	u := m.any(rt)
	_, err := m.As("test").Approve(m.ctx, u.ID)
	if m.expected(rt, err) {
		m.signUps[u.ID].approved = true
	}
	want := u.Status() == signup.StatusPendingApproval || u.Status() == signup.StatusActive // disabled users are refused
	if (err == nil) != want {
		rt.Fatalf("approving a user who is %s: %v", u.Status(), err)
	}
}

func (m *machine) reject(rt *rapid.T) {
	u := m.any(rt)
	_, err := m.As("test").Reject(m.ctx, u.ID, "no", "")
	m.expected(rt, err)
	want := u.Status() == signup.StatusPendingApproval || u.Status() == signup.StatusRejected
	if (err == nil) != want {
		rt.Fatalf("rejecting a user who is %s: %v", u.Status(), err)
	}
}

func (m *machine) reconsider(rt *rapid.T) {
	u := m.any(rt)
	_, err := m.As("test").Reconsider(m.ctx, u.ID)
	if m.expected(rt, err) {
		m.signUps[u.ID].approved, m.signUps[u.ID].needsApproval = false, true
	}
}

func (m *machine) verify(rt *rapid.T) {
	u, before := m.any(rt), m.byID()
	_, err := m.As("test").VerifyEmail(m.ctx, u.ID)
	if m.expected(rt, err) {
		made := m.signUps[u.ID]
		made.byHand = true
		made.rejectedBefore = made.rejectedBefore || !before[u.ID].HoldsAddress() && m.rejectedAt(u.EmailKey)
	}
}

func (m *machine) setDisabled(rt *rapid.T) {
	u, disabled := m.any(rt), rapid.Bool().Draw(rt, "disabled")
	_, err := m.As("test").SetDisabled(m.ctx, u.ID, disabled)
	m.expected(rt, err)
	can := u.Status() == signup.StatusActive || u.Status() == signup.StatusDisabled
	if (err == nil) != can {
		rt.Fatalf("disabling (%t) a user who is %s: %v", disabled, u.Status(), err)
	}
	if can {
		m.signUps[u.ID].disabled = disabled
	}
}

func (m *machine) change(rt *rapid.T) {
	u, username := m.any(rt), someNames.Draw(rt, "username")
	after, err := m.As("test").Change(m.ctx, u.ID, signup.Changes{Username: &username})
	if m.expected(rt, err) {
		m.signUps[u.ID].username = after.UsernameKey
	}
}

func (m *machine) resend(rt *rapid.T) { m.must(m.Resend(m.ctx, someAddresses.Draw(rt, "address"))) }

func (m *machine) useTicket(rt *rapid.T) {
	if len(m.tickets) == 0 {
		rt.Skip("no tickets")
	}
	ticket := rapid.SampledFrom(m.tickets).Draw(rt, "ticket")
	if rapid.Bool().Draw(rt, "correct") {
		m.expected(rt, m.CorrectByTicket(m.ctx, ticket, someAddresses.Draw(rt, "address")))
		return
	}
	m.expected(rt, m.ResendByTicket(m.ctx, ticket))
}

func (m *machine) correct(rt *rapid.T) {
	u := m.any(rt)
	_, err := m.As("test").CorrectEmail(m.ctx, u.ID, someAddresses.Draw(rt, "address"))
	m.expected(rt, err)
}

func (m *machine) notMe(rt *rapid.T) {
	l, before := m.someLink(rt), m.byID()
	if !m.expected(rt, m.Disown(m.ctx, l.token)) {
		return
	}
	if before[l.userID].Status() != signup.StatusUnconfirmed || len(m.byID()) != len(before)-1 {
		rt.Fatalf("not me removed a user who was %s, or others", before[l.userID].Status())
	}
}

func (m *machine) passTime(rt *rapid.T) {
	minutes := rapid.SampledFrom([]int{1, 2, 60, 23 * 60, 25 * 60, 24 * 60 * 8, 24 * 60 * 100}).Draw(rt, "minutes")
	m.clock.Advance(time.Duration(minutes) * time.Minute)
}

func (m *machine) setting(rt *rapid.T) {
	name := rapid.SampledFrom([]string{
		"signup_require_email_verification", "signup_require_admin_approval", "conceal_emails", "reapply_after",
	}).Draw(rt, "setting")
	values := []string{"true", "false"}
	if name == "reapply_after" {
		values = []string{`"0s"`, `"24h"`, `"never"`}
	}
	m.set(name, rapid.SampledFrom(values).Draw(rt, "value"))
}

func (m *machine) clean(*rapid.T) {
	for _, clean := range []func() (int, error){
		func() (int, error) { return m.Post().OweReminders(m.ctx) },
		func() (int, error) { return m.Post().DeleteExpired(m.ctx) },
		func() (int, error) { return m.Post().DeleteLapsed(m.ctx) },
	} {
		_, err := clean()
		m.must(err)
	}
}

// check is what must hold after every step.
func (m *machine) check(rt *rapid.T) {
	names, holders := map[string]bool{}, map[string]bool{}
	for _, u := range m.users() {
		made := m.signUps[u.ID]
		if made == nil {
			rt.Fatalf("user %d was never signed up", u.ID)
		}
		if u.UsernameKey != made.username {
			rt.Fatalf("user %d was %s and is %s", u.ID, made.username, u.UsernameKey)
		}
		if ok, _, err := cheapHasher().Verify(m.ctx, u.PasswordHash, made.password); !ok || err != nil {
			rt.Fatalf("the password of %s changed, %v", u.Username, err)
		}
		if u.RejectedAt.IsZero() {
			if names[u.UsernameKey] {
				rt.Fatalf("two users have the username %s", u.Username)
			}
			names[u.UsernameKey] = true
		}
		if u.HoldsAddress() {
			if holders[u.EmailKey] {
				rt.Fatalf("the address %s has two holders", u.Email)
			}
			holders[u.EmailKey] = true
		}
		m.checkFacts(rt, u, made)
	}
	for _, u := range m.users() {
		if !holders[u.EmailKey] {
			m.checkWayOut(rt, u)
		}
	}
	for _, u := range m.rows() {
		if isBlank(u) && (u.Status() != signup.StatusUnconfirmed || u.Name != "" || u.PasswordHash != "") {
			rt.Fatalf("the row of a disowned sign-up is %s, of %q", u.Status(), u.Name)
		}
	}
}

func (m *machine) checkFacts(rt *rapid.T, u signup.User, made *madeSignUp) {
	if !u.VerifiedAt.IsZero() && !made.byHand && !made.proved {
		rt.Fatalf("%s has %s verified without a mailed link", u.Username, u.Email)
	}
	if disabled := u.Status() == signup.StatusDisabled; disabled != made.disabled {
		rt.Fatalf("%s is %s", u.Username, u.Status())
	}
	if !u.Active() {
		return
	}
	if made.needsVerification && !made.byHand && !made.proved {
		rt.Fatalf("%s is active without the required verification", u.Username)
	}
	if (made.needsApproval || made.rejectedBefore) && !made.approved {
		rt.Fatalf("%s is active without the required approval", u.Username)
	}
}

// checkWayOut checks that no unconfirmed sign-up is stuck: a link to its address
// works, a mail is owed, or requesting a link produces one.
func (m *machine) checkWayOut(rt *rapid.T, u signup.User) {
	settings, err := m.Settings(m.ctx)
	m.must(err)
	if u.Status() != signup.StatusUnconfirmed || settings.ReapplyAfter != 0 && m.rejectedAt(u.EmailKey) {
		return
	}
	if m.linkWorks(u) || m.owed(u) > 0 {
		return
	}
	m.must(m.Resend(m.ctx, u.Email))
	_, err = m.Post().OweRequestedLinks(m.ctx)
	m.must(err)
	if m.owed(u) == 0 {
		rt.Fatalf("%s has no link to %s, is owed none and can get none", u.Username, u.Email)
	}
}

func (m *machine) linkWorks(u signup.User) bool {
	for _, l := range m.links {
		if key(l.address) == u.EmailKey {
			if _, err := m.SignUpOfToken(m.ctx, l.token); err == nil {
				return true
			}
		}
	}
	return false
}

// owed returns the number of links owed to the address of a user.
func (m *machine) owed(u signup.User) (n int) {
	same, err := m.As("test").List(m.ctx, signup.UserQuery{EmailKey: u.EmailKey})
	m.must(err)
	for _, other := range same {
		mails, err := m.As("test").Mails(m.ctx, signup.MailQuery{UserID: other.ID, State: delivery.Owed})
		m.must(err)
		for _, mail := range mails {
			if mail.Kind != signup.MailRejected { // a note to a holder who no longer exists becomes a link
				n++
			}
		}
	}
	return n
}
