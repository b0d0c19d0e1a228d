package upgradetest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/scope"
)

// A fixture describes what a published version stored, including the secrets.
type fixture struct {
	Now     time.Time `json:"now"`
	SignUps []struct {
		Label    string         `json:"label"`
		Name     string         `json:"name"`
		Username string         `json:"username"`
		Email    string         `json:"email"`
		Password string         `json:"password"`
		Language string         `json:"language"`
		Profile  map[string]any `json:"profile"`
		Became   string         `json:"became"`
		Refused  string         `json:"refused"`

		CorrectedTo string `json:"corrected_to"`
	} `json:"sign_ups"`
	Tokens []struct {
		Token    string `json:"token"`
		SignUp   string `json:"sign_up"`
		Username string `json:"username"`
		Address  string `json:"address"`
		UserID   int64  `json:"user_id"`
		ClaimID  string `json:"claim_id"`
		State    string `json:"state"` // valid, expired, used, gone
	} `json:"tokens"`
	Tickets []struct {
		Ticket   string          `json:"ticket"`
		SignUp   string          `json:"sign_up"`
		Username string          `json:"username"`
		UserID   int64           `json:"user_id"`
		ClaimID  string          `json:"claim_id"`
		Held     json.RawMessage `json:"held"`
	} `json:"tickets"`
	APIKeys []struct {
		Name    string `json:"name"`
		Key     string `json:"key"`
		Revoked bool   `json:"revoked"`
	} `json:"api_keys"`
	Sessions []struct {
		Username string `json:"username"`
		Token    string `json:"token"`
	} `json:"sessions"`
}

// Load migrates a database that a published version made, and checks that every
// sign-up, link, ticket, session and key in it still exists and works.
func Load(t *testing.T, db Database, file string) {
	text, err := os.ReadFile(strings.TrimSuffix(file, ".sql") + ".json")
	if err != nil {
		t.Fatal(err)
	}
	l := loaded{world: world{t, db}, users: map[string]signup.User{}}
	if err := json.Unmarshal(text, &l.fixture); err != nil {
		t.Fatal(err)
	}
	kept := []string{"settings", "api_keys", "audit_events"}
	for _, table := range []string{"sessions", "mail_attempts", "mails"} {
		if table == "mails" || len(l.fixture.Sessions) > 0 {
			kept = append(kept, table)
		}
	}
	before := map[string]int{}
	for _, table := range kept {
		before[table] = db.Count("SELECT count(*) FROM " + table)
	}
	greatest := db.Count("SELECT max(id) FROM users")
	l.migrate()
	for _, table := range kept {
		same(l.world, "the number of "+table, db.Count("SELECT count(*) FROM "+table), before[table])
	}
	l.checkSignUps(int64(greatest))
	l.checkTokens()
	l.checkTickets()
	l.checkMails()
	l.checkSecrets()
	same(l.world, "whether a new id is greater", l.nextID() > int64(greatest), true)
}

type loaded struct {
	world
	fixture fixture
	users   map[string]signup.User // by the label of their sign-up
}

// checkSignUps checks that every sign-up has a row of its own.
func (l loaded) checkSignUps(greatest int64) {
	hasher := password.NewHasher(password.Params{Memory: 64, Time: 1, Threads: 1}, 0, 0)
	byUsername := map[string]string{} // to the label of the sign-up
	for _, kind := range []string{"user", "claim", "held"} {
		for _, s := range l.fixture.SignUps {
			key := strings.ToLower(s.Username)
			if !strings.HasPrefix(s.Became, kind) || kind == "held" && byUsername[key] != "" {
				continue // a held sign-up whose username has become free is dropped
			}
			if other := byUsername[key]; other != "" { // the claim is later and has become the row of the user
				l.users[other] = l.byName(key)
				same(l.world, "the id of "+other, l.users[other].ID <= greatest, true)
			}
			byUsername[key] = s.Label
			u := l.byName(key)
			l.users[s.Label] = u
			email := s.Email
			if s.CorrectedTo != "" {
				email = s.CorrectedTo
			}
			same(l.world, s.Label+"'s address", u.Email, email)
			same(l.world, s.Label+"'s key", u.EmailKey, strings.ToLower(email))
			same(l.world, "whether "+s.Label+"'s username is there", strings.EqualFold(u.Username, s.Username), true)
			same(l.world, "whether "+s.Label+" is new", u.ID > greatest, kind != "user" && u.Name != "Person cal1again")
		}
	}
	for _, s := range l.fixture.SignUps {
		if byUsername[strings.ToLower(s.Username)] != s.Label {
			continue
		}
		u := l.users[s.Label]
		same(l.world, s.Label+"'s name", u.Name, s.Name)
		same(l.world, s.Label+"'s profile", asJSON(u.Profile), asJSON(s.Profile))
		same(l.world, s.Label+"'s status", u.Status(), becameStatus(s.Became))
		same(l.world, "whether a link was asked for by "+s.Label, !u.LinkAskedAt.IsZero(), u.Status() == signup.StatusUnconfirmed)
		if s.Language != "" {
			same(l.world, s.Label+"'s language", u.Language, s.Language)
		}
		if ok, _, err := hasher.Verify(l.Context(), u.PasswordHash, s.Password); !ok || err != nil {
			l.Errorf("%s's password does not match: %v", s.Label, err)
		}
	}
	same(l.world, "the number of users", l.Count("SELECT count(*) FROM users"), len(byUsername))
}

func becameStatus(became string) signup.Status {
	for text, status := range map[string]signup.Status{
		"user, active": signup.StatusActive, "user (CreateAdmin), active": signup.StatusActive,
		"user, pending": signup.StatusPendingApproval, "user, rejected": signup.StatusRejected,
	} {
		if strings.HasPrefix(became, text) {
			return status
		}
	}
	return signup.StatusUnconfirmed
}

// checkTokens checks that each link confirms the sign-up it was mailed for.
func (l loaded) checkTokens() {
	for _, want := range l.fixture.Tokens {
		parsed, _ := signup.ParseToken(want.Token)
		if want.State == "gone" {
			missing(l.world, "a deleted token", func(r signup.Reader) (signup.SignUpToken, error) {
				return r.Token(l.Context(), parsed.Hash())
			})
			continue
		}
		got := l.tokenOf(parsed.Hash())
		same(l.world, "whether "+want.SignUp+"'s token is used", got.Used, want.State == "used")
		if got.Used {
			same(l.world, "the user of "+want.SignUp+"'s used token", got.UserID, want.UserID)
			continue
		}
		u := l.users[want.SignUp]
		same(l.world, "the user of "+want.SignUp+"'s token", got.UserID, u.ID)
		same(l.world, "the address of "+want.SignUp+"'s token", got.Address, u.Email)
		if want.ClaimID == "" {
			same(l.world, "the id of "+want.SignUp, u.ID, want.UserID)
		}
	}
}

func (l loaded) checkTickets() {
	for _, want := range l.fixture.Tickets {
		parsed, _ := signup.ParseToken(want.Ticket)
		if u, ok := l.users[want.SignUp]; ok {
			same(l.world, "the user of "+want.SignUp+"'s ticket", l.ticketOf(parsed.Hash()).UserID, u.ID)
			continue
		}
		missing(l.world, want.SignUp+"'s ticket", func(r signup.Reader) (signup.Ticket, error) {
			return r.Ticket(l.Context(), parsed.Hash())
		})
	}
}

// checkMails checks that a user and a claim, now two sign-ups, are each owed one
// confirmation.
func (l loaded) checkMails() {
	for _, label := range []string{"ova", "lea2"} {
		u := l.users[label]
		mails := read(l.world, func(r signup.Reader) ([]signup.Mail, error) {
			return r.Mails(l.Context(), signup.MailQuery{UserID: u.ID, State: delivery.Owed})
		})
		if len(mails) != 1 || mails[0].RecipientID != u.ID || mails[0].Kind != signup.MailConfirmation {
			l.Errorf("%s is owed %+v", label, mails)
		}
	}
}

func (l loaded) checkSecrets() {
	for _, want := range l.fixture.APIKeys {
		sum := sha256.Sum256([]byte(want.Key))
		got := read(l.world, func(r signup.Reader) (signup.APIKey, error) {
			return r.APIKeyByHash(l.Context(), hex.EncodeToString(sum[:]))
		})
		same(l.world, "a key's name", got.Name, want.Name)
		same(l.world, "what a key may do", got.Scopes, scope.Of(scope.Admin))
		same(l.world, "whether a key is revoked", !got.RevokedAt.IsZero(), want.Revoked)
	}
	for _, want := range l.fixture.Sessions {
		parsed, _ := signup.ParseToken(want.Token)
		got := read(l.world, func(r signup.Reader) (signup.Session, error) {
			return r.SessionByHash(l.Context(), parsed.Hash())
		})
		same(l.world, "the session of "+want.Username, got.UserID, l.byName(want.Username).ID)
	}
}
