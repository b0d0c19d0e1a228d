package main

import (
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/smtp/smtptest"
)

// TestContract holds the program to the contract of the module it
// re-implements: one subtest for each row, on each make of database, through
// HTTP, the command line and mails that a mail server received.
func TestContract(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		s.Run("user", "create-admin", "--username", "boss", "--email", "boss@example.org")
		for _, table := range []struct {
			name string
			rows map[string]func(*testing.T, *site)
		}{
			{"Names and shapes", contractShapes},
			{"Operations on tokens", contractTokens},
			{"HTTP request", contractRequest},
			{"HTTP confirm", contractConfirm},
			{"HTTP others", contractOthers},
			{"Mails", contractMails},
			{"Faults", contractFaults},
		} {
			for _, row := range slices.Sorted(maps.Keys(table.rows)) {
				t.Run(table.name+"/"+row, func(t *testing.T) { table.rows[row](t, s.forTest(t)) })
			}
		}
	})
}

// contractShapes is "Names and shapes".
var contractShapes = map[string]func(*testing.T, *site){
	"SignUpToken": func(t *testing.T, s *site) {
		s.signUp("shape-token")
		var token struct {
			Token, ID, Email string
			UserID           int64     `json:"user_id"`
			ExpiresAt        time.Time `json:"expires_at"`
		}
		s.decode(s.Run("token", "create", "shape-token", "--json"), &token)
		if len(token.ID) == 0 || len(token.ID) > 64 || token.UserID != s.user("shape-token").ID {
			t.Errorf("id %q, user %d", token.ID, token.UserID)
		}
		stored, err := s.library().TokenByHash(t.Context(), hashOf(t, token.Token))
		s.ok(err)
		if len(stored.TokenHash) > 128 || stored.Used || stored.ExpiresAt.Location() != time.UTC || stored.CreatedAt.Location() != time.UTC {
			t.Errorf("%+v", stored)
		}
		if life := stored.ExpiresAt.Sub(stored.CreatedAt); life != 24*time.Hour {
			t.Errorf("lives %v", life)
		}
	},
	"SignUpConfirm": func(t *testing.T, s *site) {
		for body, want := range map[string]int{
			`{}`: 422, `{"token":""}`: 422, `{"token":null}`: 422, `{"token":123}`: 422, `{"token":["a"]}`: 422, `[]`: 422,
			`{"token":"a","more":1}`: 422, `{"Token":"a"}`: 422,
			`{"token":"` + strings.Repeat("ä", 257) + `"}`: 422,
			`{"token":"` + strings.Repeat("ä", 256) + `"}`: 400,
			`{"token":"a"}`: 400,
		} {
			r := s.post("/api/v1/sign-up/confirm", body)
			if r.status != want {
				t.Errorf("%.40s: %d, want %d", body, r.status, want)
			}
			if want == 422 && r.problem(t).Detail == "" {
				t.Errorf("%.40s: no detail in %s", body, r.body)
			}
		}
	},
	"SignUpResponse": func(t *testing.T, s *site) {
		for _, c := range []struct {
			verification, approval bool
			want                   string
		}{
			{true, true, `"email_verification_required":true,"admin_approval_required":true`},
			{true, false, `"email_verification_required":true,"admin_approval_required":null`},
			{false, true, `"email_verification_required":null,"admin_approval_required":true`},
			{false, false, `"email_verification_required":null,"admin_approval_required":null`},
		} {
			s.set(required(c.verification, c.approval))
			r := s.post("/api/v1/sign-up/request", person(fmt.Sprintf("shape-%t-%t", c.verification, c.approval)))
			s.wantStatus(r, 201)
			if keys := r.keys(t); !slices.Equal(keys, []string{"admin_approval_required", "email_verification_required", "message"}) {
				t.Errorf("keys %q", keys)
			}
			if !strings.Contains(r.body, c.want) {
				t.Errorf("%s has no %s", r.body, c.want)
			}
		}
		s.set(required(true, false))
		r := s.post("/api/v1/sign-up/confirm", token(s.newToken("shape-confirm")))
		s.wantStatus(r, 200)
		if !strings.Contains(r.body, `"email_verification_required":null,"admin_approval_required":null`) {
			t.Errorf("a key is missing: %s", r.body)
		}
	},
	"table sign_up_tokens": func(t *testing.T, s *site) {
		s.signUp("shape-table")
		id := s.user("shape-table").ID
		columns := s.columns("sign_up_tokens")
		for _, want := range []string{"id", "user_id", "token_hash", "created_at", "expires_at", "used", "address"} {
			if !slices.Contains(columns, want) {
				t.Errorf("no column %s in %q", want, columns)
			}
		}
		for _, column := range []string{"user_id", "token_hash", "expires_at"} {
			if s.query(s.make.indexed, "sign_up_tokens", column) == "0" {
				t.Errorf("no index on %s", column)
			}
		}
		insert := func(id, hash string, userID int64) error {
			_, err := s.db.ExecContext(t.Context(), `INSERT INTO sign_up_tokens (id, user_id, token_hash, address, created_at, expires_at)
				SELECT $1, $2, $3, 'a@example.org', created_at, created_at FROM users WHERE username = 'shape-table'`, id, userID, hash)
			return err
		}
		long := strings.Repeat("x", 128)
		s.ok(insert(long[:64], long, id))
		for name, err := range map[string]error{
			"the same id": insert(long[:64], "other", id), "the same hash": insert("other", long, id),
			"an id of 65": insert(long[:65], "third", id), "a hash of 129": insert("fourth", long+"x", id),
		} {
			if err == nil {
				t.Errorf("%s was taken", name)
			}
		}
		if used := s.query(`SELECT count(*) FROM sign_up_tokens WHERE id = $1 AND NOT used`, long[:64]); used != "1" {
			t.Error("used is not false by default")
		}
		s.exec(`DELETE FROM users WHERE id = $1`, id)
		if left := s.query(`SELECT count(*) FROM sign_up_tokens WHERE user_id = $1`, id); left != "0" {
			t.Errorf("%s tokens outlived their user", left)
		}
	},
}

// contractTokens is "Operations on tokens", through the library on the
// server's own database. A fault of each is a fault there and 500 at the door.
var contractTokens = map[string]func(*testing.T, *site){
	"create": func(t *testing.T, s *site) {
		s.signUp("op-create")
		plain, stored, err := s.library().As("test").CreateToken(t.Context(), s.user("op-create").ID)
		s.ok(err)
		again, err := s.library().TokenByHash(t.Context(), plain.Hash())
		s.ok(err)
		if stored != again {
			t.Errorf("returned %+v, stored %+v", stored, again)
		}
		s.isFault(func(svc *signup.Service) error {
			_, _, err := svc.As("test").CreateToken(t.Context(), stored.UserID)
			return err
		})
	},
	"get by hash": func(t *testing.T, s *site) {
		plain := s.newToken("op-get")
		svc, hash := s.library(), hashOf(t, plain)
		_, err := svc.TokenByHash(t.Context(), hash)
		s.ok(err)
		s.isNone(svc.TokenByHash(t.Context(), strings.Repeat("0", 64)))
		s.isFault(func(svc *signup.Service) error {
			_, err := svc.TokenByHash(t.Context(), hash)
			return err
		})
		s.wantStatus(s.post("/api/v1/sign-up/confirm", token(plain)), 200)
		s.isNone(svc.TokenByHash(t.Context(), hash))
		expired := hashOf(t, s.newToken("op-get-expired"))
		s.exec(s.make.expire)
		s.isNone(svc.TokenByHash(t.Context(), expired))
	},
	"mark used": func(t *testing.T, s *site) {
		plain := s.newToken("op-mark")
		svc := s.library()
		found, err := svc.TokenByHash(t.Context(), hashOf(t, plain))
		s.ok(err)
		marked, err := svc.MarkTokenUsed(t.Context(), found.ID)
		s.ok(err)
		if found.Used = true; marked != found {
			t.Errorf("returned %+v, want %+v", marked, found)
		}
		s.wantProblem(s.post("/api/v1/sign-up/confirm", token(plain)), 400, "Invalid or expired sign up token")
		s.isNone(svc.MarkTokenUsed(t.Context(), "unknown"))
		s.isFault(func(svc *signup.Service) error {
			_, err := svc.MarkTokenUsed(t.Context(), found.ID)
			return err
		})
	},
	"delete expired": func(t *testing.T, s *site) {
		s.Eventually("the clean-up at the start, which would take them first", s.cleaned)
		s.Run("token", "delete-expired")
		s.newToken("op-delete-1")
		s.newToken("op-delete-2")
		s.exec(s.make.expire)
		live := s.newToken("op-delete-3")
		if n, err := s.library().Post().DeleteExpired(t.Context()); n < 2 || err != nil {
			t.Errorf("%d deleted, %v", n, err)
		}
		if n, err := s.library().Post().DeleteExpired(t.Context()); n != 0 || err != nil {
			t.Errorf("%d deleted twice, %v", n, err)
		}
		s.wantStatus(s.post("/api/v1/sign-up/confirm", token(live)), 200)
		s.isFault(func(svc *signup.Service) error {
			_, err := svc.Post().DeleteExpired(t.Context())
			return err
		})
	},
	"make for a user": func(t *testing.T, s *site) {
		s.signUp("op-make")
		plain, stored, err := s.library().As("test").CreateToken(t.Context(), s.user("op-make").ID)
		s.ok(err)
		if !regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`).MatchString(plain.Reveal()) {
			t.Errorf("not 32 bytes url-safe: %q", plain.Reveal())
		}
		if stored.TokenHash != sha256Hex(plain.Reveal()) {
			t.Errorf("stored %q", stored.TokenHash)
		}
		if !regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(stored.ID) {
			t.Errorf("not a UUID: %q", stored.ID)
		}
		if life := stored.ExpiresAt.Sub(stored.CreatedAt); life != 24*time.Hour {
			t.Errorf("lives %v", life)
		}
		s.wantStatus(s.post("/api/v1/sign-up/confirm", token(plain.Reveal())), 200)
	},
	"use": func(t *testing.T, s *site) {
		plain, svc := s.newToken("op-use"), s.library()
		refused := func(svc *signup.Service, token string) error {
			_, err := svc.UseToken(t.Context(), token, func(signup.Tx, int64) error { return io.ErrUnexpectedEOF })
			return err
		}
		if err := refused(svc, plain); err == nil || refusal.Of(err) != nil {
			t.Errorf("the effects failed: %v", err)
		}
		s.isFault(func(svc *signup.Service) error { return refused(svc, plain) })
		if id, err := svc.UseToken(t.Context(), plain, nil); err != nil || id != s.user("op-use").ID {
			t.Errorf("used: %d, %v", id, err)
		}
		expired := s.newToken("op-use-expired")
		s.exec(s.make.expire)
		unknown := signup.NewToken()
		for name, token := range map[string]string{"used": plain, "expired": expired, "unknown": unknown.Reveal(), "malformed": "x"} {
			if err := refused(svc, token); err == nil || refusal.Of(err) == nil || refusal.Of(err)[0].Message != "Invalid or expired sign up token" {
				t.Errorf("%s: %v", name, err)
			}
		}
	},
	"clean-up job": func(t *testing.T, s *site) {
		s.newToken("op-clean")
		s.exec(s.make.expire)
		s.restart()
		const line = `"msg":"expired tokens deleted"`
		s.Eventually("the clean-up at start", func() bool { return strings.Contains(s.Stderr.String(), line) })
		if left := s.query(`SELECT count(*) FROM sign_up_tokens t JOIN users u ON u.id = t.user_id WHERE u.username = 'op-clean'`); left != "0" {
			t.Errorf("%s tokens left", left)
		}
		s.restart()
		s.Eventually("the clean-up of the second start", s.cleaned)
		if strings.Contains(s.Stderr.String(), line) {
			t.Error("a count of 0 is logged")
		}
	},
}

// contractRequest is "POST /api/v1/sign-up/request".
var contractRequest = map[string]func(*testing.T, *site){
	"created, nothing required": func(t *testing.T, s *site) {
		s.set(required(false, false))
		r := s.post("/api/v1/sign-up/request", person("req-none"))
		s.wantStatus(r, 201)
		if !strings.Contains(r.body, "log in") || s.user("req-none").Status != signup.StatusActive {
			t.Errorf("%s, %s", r.body, s.user("req-none").Status)
		}
	},
	"verification required": func(t *testing.T, s *site) {
		s.set(required(true, false))
		r := s.post("/api/v1/sign-up/request", person("req-verify"))
		s.wantStatus(r, 201)
		if !r.flag(t, "email_verification_required") || r.flag(t, "admin_approval_required") {
			t.Error(r.body)
		}
	},
	"approval required": func(t *testing.T, s *site) {
		s.set(required(false, true))
		r := s.post("/api/v1/sign-up/request", person("req-approve"))
		s.wantStatus(r, 201)
		if !strings.Contains(r.body, "pending admin approval") || !r.flag(t, "admin_approval_required") || r.flag(t, "email_verification_required") {
			t.Error(r.body)
		}
	},
	"both required": func(t *testing.T, s *site) {
		r := s.post("/api/v1/sign-up/request", person("req-both"))
		s.wantStatus(r, 201)
		if !r.flag(t, "email_verification_required") || !r.flag(t, "admin_approval_required") {
			t.Error(r.body)
		}
	},
	"sign-up disabled": func(t *testing.T, s *site) {
		s.set(map[string]any{"signup_enabled": false})
		s.wantProblem(s.post("/api/v1/sign-up/request", person("req-off")), 403, "User sign-up is not enabled on this server")
		s.absent("req-off")
	},
	"e-mail or username taken": func(t *testing.T, s *site) {
		s.signUp("req-open") // nobody has proved its address: anybody can sign up with it
		open := person("req-open-2")
		open["email"] = "req-open@example.org"
		s.wantStatus(s.post("/api/v1/sign-up/request", open), 201)
		s.confirmed("req-taken")
		s.set(map[string]any{"conceal_emails": false})
		again := person("req-taken-2")
		again["email"] = "REQ-taken@Example.org"
		s.wantProblem(s.post("/api/v1/sign-up/request", again), 409, "Email is already in use")
		again = person("REQ-TAKEN")
		again["email"] = "req-taken-3@example.org"
		s.wantProblem(s.post("/api/v1/sign-up/request", again), 409, "Username is already in use")
		s.absent("req-taken-2")
	},
	"e-mail taken, concealed": func(t *testing.T, s *site) {
		s.confirmed("req-owner")
		first := s.post("/api/v1/sign-up/request", person("req-free"))
		again := person("req-thief")
		again["email"] = "req-owner@example.org"
		second := s.post("/api/v1/sign-up/request", again)
		s.wantStatus(second, 201)
		if first.body != second.body {
			t.Errorf("the answers differ:\n%s\n%s", first.body, second.body)
		}
		if u := s.user("req-thief"); u.Status != signup.StatusUnconfirmed || u.AddressHeldBy == nil || *u.AddressHeldBy != s.user("req-owner").ID {
			t.Errorf("the second sign-up: %+v", u)
		}
		m := s.mail.WaitForMatch(t, func(m smtptest.Message) bool {
			return m.To[0] == "req-owner@example.org" && strings.Contains(m.Plain(), "signed up again")
		})
		if strings.Contains(m.Plain(), "token=") {
			t.Errorf("the owner got a token:\n%s", m.Plain())
		}
	},
	"body invalid":    contractInvalid,
	"password policy": contractPassword,
	"default language": func(t *testing.T, s *site) {
		s.signUp("req-language")
		if got := s.user("req-language").PreferredLanguage; got != "en" {
			t.Errorf("language %q", got)
		}
	},
	"mail not configured": func(t *testing.T, s *site) {
		s.startWithoutMail()
		s.wantProblem(s.post("/api/v1/sign-up/request", person("req-no-mail")), 503, "Email service is not configured")
		s.absent("req-no-mail")
	},
	"database fault": func(t *testing.T, s *site) {
		users := s.query(`SELECT count(*) FROM users`)
		s.broken("mails", func() { s.wantFault("POST", "/api/v1/sign-up/request", person("req-fault")) })
		if now := s.query(`SELECT count(*) FROM users`); now != users {
			t.Errorf("%s users before the fault, %s after", users, now)
		}
		s.signUp("req-fault")
	},
	"declared fields": contractFields,
}

// contractInvalid breaks one field after the other: 422, the field named and
// never its value, and no row.
func contractInvalid(t *testing.T, s *site) {
	long := strings.Repeat("x", 251)
	users := s.query(`SELECT count(*) FROM users`)
	for name, change := range map[string]map[string]any{
		"name":     {"": nil, "empty": "", "long": long, "number": 7, "null": json.RawMessage("null"), "control": "a\x07b"},
		"username": {"": nil, "empty": "", "long": long, "space": "a b", "letter": "ä", "number": 7, "null": json.RawMessage("null")},
		"email":    {"": nil, "empty": "", "long": long[:240] + "@example.org", "none": "nobody", "number": 7, "two": "a@example.org,b@example.org"},
		"password": {"": nil, "empty": "", "short": "Sh0rt!x", "number": 12345678, "weak": "canary-weak", "huge": "Pa5!" + strings.Repeat("x", 1021)},
		"preferred_language": {
			"number": 7, "words": "no language at all", "long": strings.Repeat("a-", 30),
		},
		"unknown_field": {"any": "canary-value"},
		"Name":          {"case": "Bob"},
	} {
		for kind, value := range change {
			body := person("req-invalid")
			if body[name] = value; value == nil {
				delete(body, name)
			}
			r := s.post("/api/v1/sign-up/request", body)
			s.wantStatus(r, 422)
			p := r.problem(t)
			if len(p.Errors) != 1 || p.Errors[0].Location != "body."+name || p.Errors[0].Message == "" {
				t.Errorf("%s %s: blames %+v", name, kind, p.Errors)
			}
			if text, ok := value.(string); ok && len(text) > 3 && strings.Contains(r.body, text) {
				t.Errorf("%s %s: the value is in %s", name, kind, r.body)
			}
		}
	}
	if now := s.query(`SELECT count(*) FROM users`); now != users {
		t.Errorf("%s users before, %s after", users, now)
	}
	whole := person("req-longest")
	whole["name"], whole["username"] = strings.Repeat("ä", 250), strings.Repeat("u", 250)
	whole["email"] = "e@" + strings.Repeat(strings.Repeat("d", 59)+".", 4) + "example" // 249
	whole["email"] = "e" + whole["email"].(string)
	whole["password"] = "Pässw0rd!"
	s.wantStatus(s.post("/api/v1/sign-up/request", whole), 201)
}

func contractPassword(t *testing.T, s *site) {
	try := func(name, password string, want int) {
		t.Helper()
		body := person(name)
		body["password"] = password
		if r := s.post("/api/v1/sign-up/request", body); r.status != want {
			t.Errorf("%q: %d, want %d: %s", password, r.status, want, r.body)
		}
	}
	for i, lacking := range []string{"passw0rd!", "PASSW0RD!", "Password!", "Passw0rdx", "Pa5!xyz"} {
		try(fmt.Sprintf("req-strict-%d", i), lacking, 422)
	}
	try("req-strict", "Passw0rd!", 201)
	s.set(map[string]any{"password_type": "length_only", "password_length_regular_users": 12})
	try("req-length-11", "elevenchars", 422)
	try("req-length-12", "twelve chars", 201)
}

// contractFields signs up as the original application does, with the fields
// that its operator declared.
func contractFields(t *testing.T, s *site) {
	body := person("req-fields")
	for name, value := range map[string]any{
		"city": "Porto", "birthdate": "1990-12-31", "gender": "unspecified", "units": "metric", "height": 180,
		"max_heart_rate": 190, "first_day_of_week": "monday", "currency": "euro",
	} {
		body[name] = value
	}
	r := s.post("/api/v1/sign-up/request", body)
	s.wantStatus(r, 422)
	if !strings.Contains(r.body, "body.city") {
		t.Errorf("the undeclared field is not named: %s", r.body)
	}
	s.startWith("--config", "../../examples/endurain.yaml")
	s.wantStatus(s.post("/api/v1/sign-up/request", body), 201)
	profile := s.user("req-fields").Profile
	if profile["city"] != "Porto" || profile["height"] != 180.0 || len(profile) != 8 {
		t.Errorf("profile %v", profile)
	}
}

// contractConfirm is "POST /api/v1/sign-up/confirm".
var contractConfirm = map[string]func(*testing.T, *site){
	"verified, approval not required": func(t *testing.T, s *site) {
		s.set(required(true, false))
		r := s.post("/api/v1/sign-up/confirm", token(s.newToken("con-active")))
		s.wantStatus(r, 200)
		if !strings.Contains(r.body, "verified") || !strings.Contains(r.body, "log in") || !strings.Contains(r.body, `"admin_approval_required":null`) {
			t.Error(r.body)
		}
		if got := s.user("con-active").Status; got != signup.StatusActive {
			t.Errorf("status %s", got)
		}
	},
	"verified, approval required": func(t *testing.T, s *site) {
		r := s.post("/api/v1/sign-up/confirm", token(s.newToken("con-pending")))
		s.wantStatus(r, 200)
		if !strings.Contains(r.body, `"admin_approval_required":true`) || s.user("con-pending").Status != signup.StatusPendingApproval {
			t.Error(r.body)
		}
	},
	"unknown, used or expired token": func(t *testing.T, s *site) {
		used, expired := s.newToken("con-used"), s.newToken("con-expired")
		unknown := signup.NewToken()
		s.wantStatus(s.post("/api/v1/sign-up/confirm", token(used)), 200)
		s.exec(s.make.expire)
		for code, value := range map[string]string{
			"already_confirmed": used, "token_expired": expired, "token_unknown": unknown.Reveal(),
		} {
			r := s.post("/api/v1/sign-up/confirm", token(value))
			s.wantProblem(r, 400, "Invalid or expired sign up token")
			if got := r.problem(t).Code; got != code {
				t.Errorf("code %s, want %s", got, code)
			}
		}
	},
	"verification not enabled": func(t *testing.T, s *site) {
		valid := s.newToken("con-not-enabled")
		unknown := signup.NewToken()
		s.set(required(false, false))
		s.wantProblem(s.post("/api/v1/sign-up/confirm", token(unknown.Reveal())), 412, "Email verification is not enabled")
		s.wantProblem(s.post("/api/v1/sign-up/confirm", token("malformed")), 412, "Email verification is not enabled")
		s.wantStatus(s.post("/api/v1/sign-up/confirm", token(valid)), 200)
	},
	"token missing, empty, too long, not a string, extra field": func(t *testing.T, s *site) {
		valid := s.newToken("con-shape")
		for _, body := range []string{
			`{}`, `{"token":""}`, `{"token":"` + strings.Repeat("x", 257) + `"}`, `{"token":1}`, `{"token":"` + valid + `","x":1}`,
		} {
			s.wantStatus(s.post("/api/v1/sign-up/confirm", body), 422)
		}
		s.wantStatus(s.post("/api/v1/sign-up/confirm", token(valid)), 200)
	},
	"user gone": func(t *testing.T, s *site) {
		plain := s.newToken("con-gone")
		s.execOnOne(s.make.orphan(s.user("con-gone").ID)...)
		s.wantProblem(s.post("/api/v1/sign-up/confirm", token(plain)), 404, "User not found")
	},
	"database fault": func(t *testing.T, s *site) {
		plain := s.newToken("con-fault")
		for _, table := range []string{"sign_up_tokens", "audit_events"} {
			s.broken(table, func() { s.wantFault("POST", "/api/v1/sign-up/confirm", token(plain)) })
		}
		s.wantStatus(s.post("/api/v1/sign-up/confirm", token(plain)), 200)
	},
}

// contractOthers is the rest of "HTTP".
var contractOthers = map[string]func(*testing.T, *site){
	"approve": func(t *testing.T, s *site) {
		s.confirmed("oth-approve")
		path := s.pathOf("oth-approve") + "/approve"
		s.wantStatus(s.admin("PUT", path, nil), 200)
		s.wantStatus(s.admin("PUT", path, nil), 200)
		s.mailTo("oth-approve", "is active")
		s.settled()
		if n := s.countMails("oth-approve", "is active"); n != 1 {
			t.Errorf("%d mails", n)
		}
	},
	"approve, unknown user": func(t *testing.T, s *site) {
		s.wantProblem(s.admin("PUT", "/api/v1/users/999999/approve", nil), 404, "User not found")
	},
	"approve, not verified": func(t *testing.T, s *site) {
		s.signUp("oth-unverified")
		s.wantProblem(s.admin("PUT", s.pathOf("oth-unverified")+"/approve", nil), 400, "User email is not verified")
	},
	"approve, not an administrator": func(t *testing.T, s *site) {
		s.confirmed("oth-stranger")
		r := s.send("PUT", s.pathOf("oth-stranger")+"/approve", "", nil)
		s.wantStatus(r, 401)
		if s.user("oth-stranger").Status != signup.StatusPendingApproval || r.header.Get("WWW-Authenticate") == "" {
			t.Error(r.body)
		}
	},
	"approve, database fault": func(t *testing.T, s *site) {
		s.confirmed("oth-fault")
		path := s.pathOf("oth-fault") + "/approve"
		s.broken("audit_events", func() { s.wantFault("PUT", path, nil) })
		s.wantStatus(s.admin("PUT", path, nil), 200)
	},
	"public server_settings": func(t *testing.T, s *site) {
		r := s.send("GET", "/api/v1/public/server_settings", "", nil)
		s.wantStatus(r, 200)
		for _, want := range []string{`"signup_enabled":true`, `"password_type":"strict"`, `"password_length_regular_users":8`} {
			if !strings.Contains(r.body, want) {
				t.Errorf("no %s in %s", want, r.body)
			}
		}
		s.set(map[string]any{"signup_enabled": false, "password_type": "length_only"})
		if r = s.send("GET", "/api/v1/public/server_settings", "", nil); !strings.Contains(r.body, `"signup_enabled":false`) || !strings.Contains(r.body, `"length_only"`) {
			t.Error(r.body)
		}
	},
	"server_settings": func(t *testing.T, s *site) {
		s.wantStatus(s.send("GET", "/api/v1/server_settings", "", nil), 401)
		s.wantStatus(s.send("PUT", "/api/v1/server_settings", "application/json", strings.NewReader(`{"signup_enabled":false}`)), 401)
		s.set(required(false, true))
		r := s.admin("GET", "/api/v1/server_settings", nil)
		s.wantStatus(r, 200)
		for _, want := range []string{`"signup_require_email_verification":false`, `"signup_require_admin_approval":true`, `"signup_enabled":true`} {
			if !strings.Contains(r.body, want) {
				t.Errorf("no %s in %s", want, r.body)
			}
		}
		if got := s.Run("settings", "get", "signup_require_email_verification"); got != "false\n" {
			t.Errorf("the command line says %q", got)
		}
		r = s.admin("PUT", "/api/v1/server_settings", map[string]any{"signup_enabled": false, "no_such": "canary-value"})
		s.wantStatus(r, 422)
		if strings.Contains(r.body, "canary-value") || !strings.Contains(r.body, "no_such") || !strings.Contains(s.Run("settings", "get", "signup_enabled"), "true") {
			t.Errorf("not all or none: %s", r.body)
		}
	},
	"rate limit": func(t *testing.T, s *site) {
		s.startWith("--rate-limit", "10/m")
		for name, ask := range map[string]func(i int) reply{
			"confirm": func(int) reply { return s.post("/api/v1/sign-up/confirm", token("x")) },
			"request": func(i int) reply { return s.post("/api/v1/sign-up/request", person(fmt.Sprintf("oth-limit-%d", i))) },
			"resend": func(int) reply {
				return s.post("/api/v1/sign-up/resend", map[string]string{"email": "oth-nobody@example.org"})
			},
		} {
			for i := range 10 {
				if r := ask(i); r.status == http.StatusTooManyRequests {
					t.Errorf("%s %d: %s", name, i, r.body)
				}
			}
			r := ask(10)
			s.wantStatus(r, 429)
			if wait, err := strconv.Atoi(r.header.Get("Retry-After")); err != nil || wait < 1 || wait > 60 || r.problem(t).Code != "too_many_requests" {
				t.Errorf("%s: Retry-After %q: %s", name, r.header.Get("Retry-After"), r.body)
			}
		}
		s.absent("oth-limit-10")
		disguised := s.send("POST", "/api/v1/sign-up/confirm", "application/json", s.json(token("x")), "X-Forwarded-For", "192.0.2.7", "X-Real-Ip", "192.0.2.7")
		s.wantStatus(disguised, 429)
		s.wantStatus(s.send("GET", "/api/v1/public/server_settings", "", nil), 200)
		s.wantStatus(s.admin("GET", "/api/v1/users", nil), 200)
	},
}

// contractMails is "Mails".
var contractMails = map[string]func(*testing.T, *site){
	"confirmation": func(t *testing.T, s *site) {
		s.signUp("mail-confirm")
		m := s.mail.WaitForTo(t, "mail-confirm@example.org")
		s.wantLetter(m, "Confirm your account", "https://signup.test/verify-email?token=", "24 hours", "If it was not you, ignore")
		if links := m.Links(); !regexp.MustCompile(`^https://signup\.test/verify-email\?token=[A-Za-z0-9_-]{43}$`).MatchString(links[0]) {
			t.Errorf("link %q", links[0])
		}
	},
	"admin notice": func(t *testing.T, s *site) {
		s.Run("user", "create-admin", "--username", "boss-2", "--email", "boss-2@example.org", "--language", "de-AT")
		body := person("mail_notice-1")
		body["name"] = "A. Waiting"
		s.wantStatus(s.post("/api/v1/sign-up/request", body), 201)
		s.wantStatus(s.post("/api/v1/sign-up/confirm", token(s.tokenTo("mail_notice-1"))), 200)
		s.wantLetter(s.mailTo("boss", "mail_notice-1"), "waits for approval", "https://signup.test/settings?tab=users&username=mail_notice-1", "A. Waiting")
		german := s.mailTo("boss-2", "mail_notice-1")
		if !strings.Contains(german.HTML(), `<html lang="de"`) || !strings.Contains(german.Subject(), "Freigabe") {
			t.Errorf("in another language: %s\n%s", german.Subject(), german.HTML())
		}
		s.exec(`DELETE FROM users WHERE username = 'boss-2'`)
	},
	"approved": func(t *testing.T, s *site) {
		s.confirmed("mail-approved")
		s.Run("user", "approve", "mail-approved")
		s.wantLetter(s.mailTo("mail-approved", "is active"), "active", "https://signup.test/login", "mail-approved")
	},
	"rejected": func(t *testing.T, s *site) {
		s.confirmed("mail-rejected")
		s.wantStatus(s.admin("PUT", s.pathOf("mail-rejected")+"/reject", map[string]string{"reason": "members only", "note": "private words"}), 200)
		m := s.mailTo("mail-rejected", "did not accept")
		s.wantLetter(m, "Your sign-up", "members only")
		if strings.Contains(m.Plain()+m.HTML(), "private words") {
			t.Error("the note was mailed")
		}
	},
	"language": func(t *testing.T, s *site) {
		for i, language := range []string{"en-GB", "pt-BR", "xx", "zh-Hant-TW"} {
			body := person(fmt.Sprintf("mail-language-%d", i))
			body["preferred_language"] = language
			s.wantStatus(s.post("/api/v1/sign-up/request", body), 201)
			m := s.mail.WaitForTo(t, body["email"].(string))
			if m.Subject() == "" || !regexp.MustCompile(`<html lang="[a-z]{2}`).MatchString(m.HTML()) {
				t.Errorf("%s: subject %q", language, m.Subject())
			}
		}
	},
}

// contractFaults is "Faults of the original that must not be here".
var contractFaults = map[string]func(*testing.T, *site){
	"1 concurrent confirms": func(t *testing.T, s *site) {
		plain := s.newToken("fault-1")
		if got := tally(together(10, func(int) int { return s.post("/api/v1/sign-up/confirm", token(plain)).status })); got[200] != 1 || got[400] != 9 {
			t.Errorf("statuses %v", got)
		}
	},
	"2 crash while confirming": func(t *testing.T, s *site) {
		plain := s.newToken("fault-2")
		s.broken("mails", func() { s.wantFault("POST", "/api/v1/sign-up/confirm", token(plain)) })
		if s.user("fault-2").Status != signup.StatusUnconfirmed {
			t.Error("half a confirmation")
		}
		s.wantStatus(s.post("/api/v1/sign-up/resend", map[string]string{"email": "fault-2@example.org"}), 202)
		s.Eventually("another link", func() bool { return s.countMails("fault-2", "token=") == 2 })
		s.wantStatus(s.post("/api/v1/sign-up/confirm", token(plain)), 200)
	},
	"3 SMTP not configured": func(t *testing.T, s *site) {
		args := s.args
		s.startWithoutMail()
		s.wantStatus(s.post("/api/v1/sign-up/request", person("fault-3")), 503)
		s.absent("fault-3")
		s.args = args
		s.restart()
		s.signUp("fault-3")
	},
	"4 approval without verification": func(t *testing.T, s *site) {
		s.set(required(false, true))
		s.signUp("fault-4")
		s.mail.WaitForMatch(t, func(m smtptest.Message) bool {
			return m.To[0] == "boss@example.org" && strings.Contains(m.Subject(), "fault-4")
		})
		s.wantStatus(s.admin("PUT", s.pathOf("fault-4")+"/approve", nil), 200)
	},
	"5 notices without approval": func(t *testing.T, s *site) {
		s.set(required(true, false))
		s.confirmed("fault-5")
		s.settled()
		for _, m := range s.mail.Messages() {
			if m.To[0] == "boss@example.org" && strings.Contains(m.Subject(), "fault-5") {
				t.Errorf("the administrator was told: %s", m.Subject())
			}
		}
	},
	"6 no administrator": func(t *testing.T, s *site) {
		alone := openSite(t, s.make)
		alone.confirmed("fault-6")
		if got := alone.user("fault-6").Status; got != signup.StatusPendingApproval {
			t.Errorf("status %s", got)
		}
		alone.Eventually("a warning in the log", func() bool {
			return strings.Contains(alone.Stderr.String(), "no administrator to tell")
		})
	},
	"7 approve while mail is down": func(t *testing.T, s *site) {
		s.confirmed("fault-7")
		s.mail.Close()
		s.wantStatus(s.admin("PUT", s.pathOf("fault-7")+"/approve", nil), 200)
		if got := s.user("fault-7").Status; got != signup.StatusActive {
			t.Errorf("status %s", got)
		}
		s.mail.Open(t)
		s.hurryUntil("the mail", func() bool { return s.countMails("fault-7", "is active") == 1 })
	},
	"8 HTML part alone": func(t *testing.T, s *site) {
		s.signUp("fault-8")
		if m := s.mail.WaitForTo(t, "fault-8@example.org"); m.Plain() == "" || m.HTML() == "" {
			t.Errorf("a part is missing:\n%s", m.Raw)
		}
	},
	"9 SMTP password in a URL": contractSMTPPassword,
	"10 settings change": func(t *testing.T, s *site) {
		waiting, late := s.newToken("fault-10"), s.newToken("fault-10-approved")
		s.set(required(false, false))
		s.wantStatus(s.post("/api/v1/sign-up/confirm", token(waiting)), 200)
		s.set(required(true, true))
		s.wantStatus(s.post("/api/v1/sign-up/confirm", token(late)), 200)
	},
	"11 slow mail server": func(t *testing.T, s *site) {
		s.mail.SetBehaviour(smtptest.HangAt(smtptest.Connect))
		s.signUp("fault-11") // its answer is here and the letter is not
		if n := s.countMails("fault-11", ""); n != 0 {
			t.Errorf("%d mails", n)
		}
		s.mail.Close()
		s.mail.SetBehaviour(smtptest.Accept()...)
		s.mail.Open(t)
		s.hurryUntil("the mail", func() bool { return s.countMails("fault-11", "token=") == 1 })
	},
	"12 page that posts by itself": func(t *testing.T, s *site) {
		plain := s.newToken("fault-12")
		for _, method := range []string{"HEAD", "GET", "OPTIONS", "GET"} {
			r := s.send(method, "/verify-email?token="+plain, "", nil)
			if r.status != 200 && r.status != 204 {
				t.Errorf("%s: %d", method, r.status)
			}
			if page := strings.ToLower(r.body); strings.Contains(page, "<script") || strings.Contains(page, "onload") || strings.Contains(page, "http-equiv") {
				t.Errorf("the page runs something:\n%s", r.body)
			}
		}
		if got := s.user("fault-12").Status; got != signup.StatusUnconfirmed {
			t.Errorf("looking made it %s", got)
		}
		form := strings.NewReader("token=" + plain)
		s.wantStatus(s.send("POST", "/verify-email", "application/x-www-form-urlencoded", form), 200)
	},
}

// contractSMTPPassword sends through a server that wants a password full of
// what has a meaning in URLs. It runs the process, as only that can be told
// which certificates to trust.
func contractSMTPPassword(t *testing.T, _ *site) {
	const password = `p@ss/w:r?d#%41 "&+=ü`
	mail := smtptest.New(t, smtptest.ImplicitTLS(), smtptest.Credentials("user", password))
	conn, err := tls.Dial("tcp", mail.Addr(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: conn.ConnectionState().PeerCertificates[0].Raw})
	_ = conn.Close()
	file := filepath.Join(t.TempDir(), "cert.pem")
	if err := os.WriteFile(file, cert, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "signup", "mail", "test", "ada@example.org", "--smtp", mail.URL(), "--mail-from", "noreply@signup.test")
	cmd.Env = []string{"SSL_CERT_FILE=" + file, "SIGNUP_SMTP_PASSWORD=" + password}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	mail.WaitForTo(t, "ada@example.org")
}
