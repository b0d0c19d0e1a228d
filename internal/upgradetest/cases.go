package upgradetest

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
)

func isNotFound(err error) bool { return errors.Is(err, signup.ErrNotFound) }

// Run runs every case. The function open returns a database with all migrations
// except the last.
func Run(t *testing.T, open func(*testing.T) Database) {
	for name, test := range map[string]func(world){
		"a claim becomes a user":                         claims,
		"sign-ups with one username collapse":            collapse,
		"claims with one username collapse":              collapseWithoutOwn,
		"an older claim does not replace its user":       olderClaim,
		"what belonged to a deleted claim":               goneClaims,
		"a held sign-up becomes a user":                  heldTickets,
		"held sign-ups with one username":                heldTwice,
		"unconfirmed sign-ups lose a username":           usernames,
		"accounts with one username":                     accounts,
		"ids are not assigned again":                     ids,
		"without held_usernames":                         withoutHeldUsernames,
		"a failed migration changes nothing":             fails,
		"an address belongs to one user who has it":      holders,
		"every unconfirmed user has asked for a link":    linkAskedAt,
		"other tables are not changed":                   others,
		"a database without users":                       func(w world) { w.migrate(); same(w, "the first id", w.nextID(), 1) },
		"the id of a deleted user is not assigned again": deleted,
	} {
		t.Run(name, func(t *testing.T) { test(world{t, open(t)}) })
	}
}

func claims(w world) {
	w.user(3, "ada")
	w.user(9, "rex", rejected())
	w.user(20, "boss", verified(), row{"role": "admin"})
	w.claim("c1", 3, "Bea", "Ada@example.org", 2)
	w.claim("c2", 9, "rex2", "rex@example.org", 1)
	w.token("own", 3, "", "ada@example.org", false, 0)
	w.token("t1", 3, "c1", "Ada@example.org", false, 7)
	w.token("t1used", 3, "c1", "Ada@example.org", true, 3)
	w.mail("m1", 3, 3, "c1", "confirmation", "owed")
	w.mail("notice", 3, 20, "c1", "admin_notice", "owed")
	w.mail("m0", 3, 3, "", "confirmation", "owed")
	w.ticket("k0", 3, "", "")
	w.ticket("k1", 3, "c1", "")
	w.migrate()

	bea := w.byName("bea")
	want := signup.User{
		ID: 22, Name: "Name of c1", Username: "Bea", UsernameKey: "bea", Email: "Ada@example.org", EmailKey: "ada@example.org",
		PasswordHash: "hash of c1", Language: "de", Role: signup.RoleMember, Origin: signup.OriginSignUp,
		VerificationRequired: true, CreatedAt: at(2), TermsVersion: "2", TermsAt: at(2), LinkAskedAt: at(7), Version: 1,
	}
	if bea.Profile["a"] != 1.0 {
		w.Errorf("the profile is %v", bea.Profile)
	}
	bea.Profile = nil
	if got, want := asJSON(bea), asJSON(want); got != want || bea.PasswordHash != "hash of c1" {
		w.Errorf("the claim became\n%s, want\n%s", got, want)
	}
	rex2 := w.byName("rex2") // older than Bea, so it has the lower id
	same(w, "the id of the older claim", rex2.ID, 21)
	same(w, "whether a new sign-up needs approval after a rejection", rex2.ApprovalRequired, true)
	same(w, "the status of the rejected user", w.byID(9).Status(), signup.StatusRejected)

	same(w, "the user's own token", w.tokenOf("own").UserID, 3)
	for _, hash := range []string{"t1", "t1used"} {
		same(w, "the user of a claim's token", w.tokenOf(hash).UserID, bea.ID)
		same(w, "the address of a claim's token", w.tokenOf(hash).Address, bea.Email)
	}
	same(w, "whom the claim's mail is about", w.mailOf("m1").UserID, bea.ID)
	same(w, "who gets the claim's mail", w.mailOf("m1").RecipientID, bea.ID)
	same(w, "whom the notice is about", w.mailOf("notice").UserID, bea.ID)
	same(w, "who gets the notice", w.mailOf("notice").RecipientID, 20)
	same(w, "whom the user's own mail is about", w.mailOf("m0").UserID, 3)
	same(w, "the attempts of the claim's mail", w.attempts("m1"), 1)
	same(w, "the user of the user's ticket", w.ticketOf("k0").UserID, 3)
	ticket := w.ticketOf("k1")
	same(w, "the claim's ticket", ticket, signup.Ticket{
		Hash: "k1", UserID: bea.ID, Resends: 2, AskedAt: at(5), CreatedAt: at(0), ExpiresAt: at(1000),
	})
}

func asJSON(v any) string {
	b, _ := json.MarshalIndent(v, "", " ")
	return string(b)
}

func collapse(w world) {
	w.user(3, "ada", row{"approval_required": false})
	w.claim("c1", 3, "ADA", "Ada@Example.org", 2)
	w.claim("c2", 3, "Ada", "aDa@example.org", 3, row{"approval_required": true})
	w.claim("c3", 3, "bea", "ada@example.org", 4)
	w.token("t0", 3, "", "ada@example.org", false, 0)
	w.token("told", 3, "", "old@example.org", false, 0) // mailed before the address was corrected
	w.token("t1", 3, "c1", "Ada@Example.org", false, 2)
	w.token("t2", 3, "c2", "aDa@example.org", false, 3)
	w.token("used", 3, "c1", "Ada@Example.org", true, 2)
	w.mail("m1", 3, 3, "c1", "confirmation", "owed")
	w.mail("m2", 3, 3, "c2", "confirmation", "sent")
	w.ticket("k0", 3, "", "")
	w.ticket("k1", 3, "c1", "")
	w.ticket("k2", 3, "c2", "")
	w.migrate()

	u := w.byName("ada")
	same(w, "the id", u.ID, 3)
	same(w, "the name", u.Name, "Name of c2")
	same(w, "the username", u.Username, "Ada")
	same(w, "the address", u.Email, "aDa@example.org")
	same(w, "the password", u.PasswordHash, "hash of c2")
	same(w, "the terms", u.TermsVersion, "2")
	same(w, "whether it needs approval", u.ApprovalRequired, true)
	same(w, "when it was created", u.CreatedAt, at(0))
	same(w, "when a link was asked for", u.LinkAskedAt, at(3))
	same(w, "the version", u.Version, 2)
	for _, hash := range []string{"t0", "t1", "t2"} {
		same(w, "the user of "+hash, w.tokenOf(hash).UserID, 3)
		same(w, "the address of "+hash, w.tokenOf(hash).Address, "aDa@example.org")
		same(w, "the key of "+hash, w.tokenOf(hash).EmailKey, "ada@example.org")
		same(w, "whether "+hash+" is used", w.tokenOf(hash).Used, false)
	}
	same(w, "the key of a link to another address", w.tokenOf("told").EmailKey, "old@example.org")
	same(w, "the address of a link to another address", w.tokenOf("told").Address, "old@example.org")
	same(w, "the address of a used token", w.tokenOf("used").Address, "Ada@Example.org")
	for _, id := range []string{"m1", "m2"} {
		same(w, "whom "+id+" is about", w.mailOf(id).UserID, 3)
		same(w, "who gets "+id, w.mailOf(id).RecipientID, 3)
	}
	same(w, "the state of an owed mail", w.mailOf("m1").State, delivery.Owed)
	for _, hash := range []string{"k0", "k1", "k2"} {
		same(w, "the user of "+hash, w.ticketOf(hash).UserID, 3)
	}
	same(w, "the id of another username", w.byName("bea").ID, 4)
}

func collapseWithoutOwn(w world) {
	w.user(3, "rex", rejected())
	w.claim("c1", 3, "bea", "rex@example.org", 2)
	w.claim("c2", 3, "bea", "Rex@example.org", 2) // at the same time: the later row counts
	w.token("t1", 3, "c1", "rex@example.org", false, 2)
	w.ticket("k1", 3, "c1", "")
	w.migrate()
	u := w.byName("bea")
	same(w, "the id", u.ID, 4)
	same(w, "the name", u.Name, "Name of c2")
	same(w, "the user of the earlier token", w.tokenOf("t1").UserID, u.ID)
	same(w, "the address of the earlier token", w.tokenOf("t1").Address, u.Email)
	same(w, "the user of the earlier ticket", w.ticketOf("k1").UserID, u.ID)
	same(w, "the number of users", w.Count("SELECT count(*) FROM users"), 2)
}

func olderClaim(w world) {
	w.user(3, "ada", row{"created_at": at(9)})
	w.claim("c1", 3, "Ada", "ADA@example.org", 2)
	w.token("t1", 3, "c1", "ADA@example.org", false, 2)
	w.migrate()
	u := w.byName("ada")
	same(w, "the name", u.Name, "Name of ada")
	same(w, "the version", u.Version, 1)
	same(w, "the address of the claim's link", w.tokenOf("t1").Address, "ada@example.org")
	same(w, "when a link was asked for", u.LinkAskedAt, at(9))
}

func goneClaims(w world) {
	w.user(3, "ada", verified())
	w.token("unused", 3, "gone", "ada@example.org", false, 2)
	w.token("used", 3, "gone", "ada@example.org", true, 2)
	w.mail("owed", 3, 3, "gone", "confirmation", "owed")
	w.mail("sent", 3, 3, "gone", "confirmation", "sent")
	w.ticket("k", 3, "gone", "")
	w.migrate()
	missing(w, "an unused token", func(r signup.Reader) (signup.SignUpToken, error) { return r.Token(w.Context(), "unused") })
	missing(w, "the ticket", func(r signup.Reader) (signup.Ticket, error) { return r.Ticket(w.Context(), "k") })
	same(w, "the user of the used token", w.tokenOf("used").UserID, 3)
	m := w.mailOf("owed")
	same(w, "the state of the owed mail", m.State, delivery.Superseded)
	if since := time.Since(m.EndedAt); since < 0 || since > time.Hour || m.EndedAt != m.EndedAt.Truncate(time.Millisecond) {
		w.Errorf("it ended at %v", m.EndedAt)
	}
	same(w, "the state of the sent mail", w.mailOf("sent").State, delivery.Sent)
	same(w, "whom the sent mail is about", w.mailOf("sent").UserID, 3)
}

// held returns the JSON of a sign-up that was stored in a ticket.
func held(name, username, email, created string, more string) string {
	return `{"name":"` + name + `","username":"` + username + `","email":"` + email + `","password_hash":"hash of ` + name + `",` +
		more + `"created_at":"` + created + `"}`
}

func heldTickets(w world) {
	w.user(3, "ada", verified(), row{"email": "Ada@example.org", "email_key": "canonical@example.org"})
	w.user(4, "rex", rejected())
	w.user(5, "una")
	w.claim("c1", 5, "una2", "Other@example.org", 2) // spelled differently, with the same key
	w.ticket("k1", 3, "", held("H1", "Eve", "ADA@example.org", "2026-03-04T05:06:07.89Z",
		`"language":"fr","profile":{"size":12345678901234567,"a":[1.50,"é"]},"approval_required":true,"terms_version":"7","terms_at":"2026-03-04T06:06:07+01:00",`))
	w.ticket("k2", 3, "", held("H2", "Zoe", "Zoe@Elsewhere.org", "2026-03-04T05:07:07.89Z", ""))
	w.ticket("k3", 4, "", held("H3", "rex2", "rex@example.org", "2026-03-04T05:08:07.89Z", `"approval_required":false,"language":"en",`))
	w.ticket("k4", 5, "", held("H4", "una4", "oTher@example.org", "2026-03-04T05:09:07.89Z", ""))
	w.migrate()

	eve := w.byName("eve")
	want := signup.User{
		ID: 7, Name: "H1", Username: "Eve", UsernameKey: "eve", Email: "ADA@example.org", EmailKey: "canonical@example.org",
		Language: "fr", Role: signup.RoleMember, Origin: signup.OriginSignUp, VerificationRequired: true, ApprovalRequired: true,
		CreatedAt: at(0), TermsVersion: "7", TermsAt: at(0).Truncate(time.Second), LinkAskedAt: at(0), Version: 1,
		Profile: map[string]any{"size": 12345678901234567.0, "a": []any{1.5, "é"}},
	}
	if got, want := asJSON(eve), asJSON(want); got != want {
		w.Errorf("the held sign-up became\n%s, want\n%s", got, want)
	}
	same(w, "the password", eve.PasswordHash, "hash of H1")
	ticket := w.ticketOf("k1")
	same(w, "the user of the ticket", ticket.UserID, eve.ID)
	same(w, "when it was asked with", ticket.AskedAt, at(5))
	zoe := w.byName("zoe")
	same(w, "the key of another address", zoe.EmailKey, "zoe@elsewhere.org")
	same(w, "the language that was not stored", zoe.Language, "")
	same(w, "the terms that were not accepted", zoe.TermsAt, time.Time{})
	same(w, "the length of the profile that was not filled in", len(zoe.Profile), 0)
	same(w, "whether a sign-up after a rejection needs approval", w.byName("rex2").ApprovalRequired, true)
	same(w, "the key of a claim's address", w.byName("una4").EmailKey, "una@example.org")
	same(w, "who has the address", w.byID(3).HoldsAddress(), true)
}

func heldTwice(w world) {
	w.user(3, "ada", verified())
	w.user(4, "bob", verified())
	w.user(5, "eve") // took the username after it became free
	w.ticket("a", 3, "", held("A", "zoe", "ada@example.org", "2026-03-04T05:06:00Z", ""))
	w.ticket("b", 3, "", held("B", "Zoe", "Ada@example.org", "2026-03-04T05:08:00Z", ""))
	w.ticket("c", 4, "", held("C", "zoe", "bob@example.org", "2026-03-04T05:07:00Z", "")) // later than a, for another user
	w.ticket("d", 3, "", held("D", "eve", "ada@example.org", "2026-03-04T05:06:00Z", ""))
	w.ticket("e", 3, "", held("E", "ada", "ada@example.org", "2026-03-04T05:06:00Z", ""))
	w.migrate()
	zoe := w.byName("zoe")
	same(w, "the name", zoe.Name, "B")
	same(w, "the key of the address", zoe.EmailKey, "ada@example.org")
	same(w, "the user of the first ticket", w.ticketOf("a").UserID, zoe.ID)
	same(w, "the user of the second ticket", w.ticketOf("b").UserID, zoe.ID)
	for _, hash := range []string{"c", "d", "e"} {
		missing(w, "ticket "+hash, func(r signup.Reader) (signup.Ticket, error) { return r.Ticket(w.Context(), hash) })
	}
	same(w, "the number of users", w.Count("SELECT count(*) FROM users"), 4)
}

func usernames(w world) {
	w.user(3, "ada", row{"username_key": "zoe", "email": "a@example.org", "email_key": "a@example.org"})
	w.user(4, "bob", row{"username_key": "zoe", "email": "b@example.org", "email_key": "b@example.org"})
	w.user(5, "zoe", rejected())
	w.user(6, "sue", verified(), row{"username_key": "kit"})
	w.user(7, "kit")
	w.token("t7", 7, "", "kit@example.org", false, 1)
	w.mail("m7", 7, 7, "", "confirmation", "owed")
	w.mail("n7", 7, 6, "", "admin_notice", "owed")
	w.ticket("k7", 7, "", "")
	w.migrate()
	same(w, "who has the username of two unconfirmed", w.byName("zoe").ID, 3)
	same(w, "who has the username of an account", w.byName("kit").ID, 6)
	for _, id := range []int64{4, 7} {
		missing(w, "the loser", func(r signup.Reader) (signup.User, error) { return r.User(w.Context(), id) })
	}
	missing(w, "the loser's token", func(r signup.Reader) (signup.SignUpToken, error) { return r.Token(w.Context(), "t7") })
	missing(w, "the loser's ticket", func(r signup.Reader) (signup.Ticket, error) { return r.Ticket(w.Context(), "k7") })
	missing(w, "the loser's mail", func(r signup.Reader) (signup.Mail, error) { return r.Mail(w.Context(), "m7") })
	missing(w, "the notice of the loser", func(r signup.Reader) (signup.Mail, error) { return r.Mail(w.Context(), "n7") })
	same(w, "the number of attempts", w.Count("SELECT count(*) FROM mail_attempts"), 0)
	same(w, "the status of the rejected user", w.byID(5).Status(), signup.StatusRejected)
}

func accounts(w world) {
	w.user(3, "ada", verified(), row{"username_key": "zoe"})
	w.user(4, "bob", verified(), row{"username_key": "zoe", "username": "Zoe"})
	w.migrate()
	same(w, "who has the username", w.byName("zoe").ID, 3)
	same(w, "the other one's username", w.byID(4).Username, "Zoe~4")
	same(w, "who is found by it", w.byName("zoe~4").ID, 4)
}

func ids(w world) {
	w.user(3, "ada")
	w.user(8, "bob", verified())
	before := w.byIDBefore()
	w.migrate()
	same(w, "the ids", w.byIDBefore(), before)
	same(w, "the next id", w.nextID(), 9)
}

// byIDBefore returns a checksum of all IDs that works before and after the
// migration.
func (w world) byIDBefore() int { return w.Count("SELECT sum(id * id) FROM users") }

func deleted(w world) {
	w.user(3, "ada")
	w.user(8, "bob")
	w.must(w.Exec("DELETE FROM users WHERE id = 8"))
	w.claim("c1", 3, "bea", "ada@example.org", 2)
	w.migrate()
	same(w, "the id of the claim", w.byName("bea").ID, 9)
	same(w, "the next id", w.nextID(), 10)
}

func withoutHeldUsernames(w world) {
	w.must(w.Exec("DROP TABLE held_usernames"))
	w.user(3, "ada")
	w.migrate()
	same(w, "the user", w.byName("ada").ID, 3)
}

func fails(w world) {
	w.user(3, "ada")
	w.claim("c1", 3, "bea", "ada@example.org", 2)
	w.token("t1", 3, "c1", "ada@example.org", false, 2)
	w.mail("m1", 3, 3, "c1", "confirmation", "owed")
	w.must(w.Exec("CREATE TABLE link_requests (x int)")) // which the migration creates last
	if err := w.Migrate(); err == nil {
		w.Fatal("the migration did not fail")
	}
	for _, table := range []string{"users", "claims", "usernames", "held_usernames", "sign_up_tokens WHERE claim_id = 'c1'", "mails WHERE claim_id = 'c1'"} {
		want := 1
		if table == "held_usernames" {
			want = 0
		}
		same(w, "the rows of "+table, w.Count("SELECT count(*) FROM "+table), want)
	}
	w.must(w.Exec("DROP TABLE link_requests"))
	w.migrate()
	same(w, "the user of the token", w.tokenOf("t1").UserID, w.byName("bea").ID)
}

func holders(w world) {
	w.user(3, "ada", verified())
	w.user(4, "rex", rejected())
	w.migrate()
	for want, change := range map[error]func(*signup.User){
		signup.ErrEmailTaken:    func(u *signup.User) { u.EmailKey, u.VerifiedAt = "ada@example.org", at(1) },
		signup.ErrUsernameTaken: func(u *signup.User) { u.UsernameKey = "ada" },
		nil:                     func(u *signup.User) { u.EmailKey, u.UsernameKey = "ada@example.org", "rex" },
	} {
		u := signup.User{
			Name: "New", Username: "new", UsernameKey: "new", Email: "new@example.org", EmailKey: "new@example.org",
			Language: "en", Role: signup.RoleMember, Origin: signup.OriginSignUp, VerificationRequired: true, CreatedAt: at(0),
		}
		change(&u)
		err := w.Store.Update(w.Context(), func(tx signup.Tx) error {
			_, err := tx.CreateUser(w.Context(), u)
			return err
		})
		if !errors.Is(err, want) {
			w.Errorf("%v, want %v", err, want)
		}
	}
}

func linkAskedAt(w world) {
	w.user(3, "ada")
	w.user(4, "bob", row{"created_at": at(8)})
	w.user(5, "sue", verified())
	w.token("t1", 3, "", "ada@example.org", true, 5)
	w.token("t2", 3, "", "ada@example.org", false, 4)
	w.token("t3", 4, "", "bob@example.org", false, 4)
	w.migrate()
	same(w, "the latest token", w.byID(3).LinkAskedAt, at(5))
	same(w, "the sign-up", w.byID(4).LinkAskedAt, at(8))
	same(w, "of one who is not unconfirmed", w.byID(5).LinkAskedAt, time.Time{})
}

func others(w world) {
	w.user(3, "ada")
	w.must(w.Exec("CREATE TABLE river_job (id int, user_id bigint)"))
	w.must(w.Exec("INSERT INTO river_job VALUES (1, 77)"))
	w.insert("sessions", row{}, row{
		"id": "s", "user_id": 3, "token_hash": "h", "agent": "a", "created_at": at(0), "seen_at": at(0), "expires_at": at(9),
	})
	w.insert("address_mails", row{}, row{"address_hash": "x", "due_at": at(1)})
	w.must(w.Exec("INSERT INTO settings (name, value) VALUES ('a', 'b')"))
	w.migrate()
	same(w, "another program's row", w.Count("SELECT user_id FROM river_job"), 77)
	same(w, "the sessions", len(read(w, func(r signup.Reader) ([]signup.Session, error) { return r.Sessions(w.Context(), 3) })), 1)
	mails := read(w, func(r signup.Reader) ([]time.Time, error) { return r.AddressMails(w.Context(), "x", 9) })
	if len(mails) != 1 || mails[0] != at(1) {
		w.Errorf("mails to the address: %v", mails)
	}
	same(w, "a setting", read(w, func(r signup.Reader) (map[string]string, error) { return r.Settings(w.Context()) })["a"], "b")
	w.must(w.Store.Update(w.Context(), func(tx signup.Tx) error { return tx.DeleteUser(w.Context(), 3) }))
	same(w, "sessions of a deleted user", w.Count("SELECT count(*) FROM sessions"), 0)
}
