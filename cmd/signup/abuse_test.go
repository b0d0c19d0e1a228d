package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/smtp/smtptest"
)

// B16: an address is accepted at every door or at none.
func TestAddresses(t *testing.T) {
	long := func(total int) string { // of so many characters
		domain := strings.Repeat(strings.Repeat("d", 49)+".", 4) + "example"
		return strings.Repeat("l", total-len(domain)-1) + "@" + domain
	}
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		for i, c := range []struct {
			address  string
			accepted bool
		}{
			{"a@b.co", true},
			{"a+b@x.org", true},
			{"o'hara@x.org", true},
			{"under_score-dash.dot@x-y.org", true},
			{"1@2.example", true},
			{strings.Repeat("l", 64) + "@x.org", true},
			{strings.Repeat("l", 65) + "@x.org", false},
			{long(250), true},
			{long(251), false},
			{long(254), false},
			{long(255), false},
			{"a@bücher.example", true},
			{`"a b"@x.org`, false},
			{"a b@x.org", false},
			{"a@[192.0.2.1]", false},
			{"a@192.0.2.1", false},
			{"a..b@x.org", false},
			{".a@x.org", false},
			{"a.@x.org", false},
			{"a@x.", false},
			{"a@x.org.", false},
			{"a@.x.org", false},
			{"a@x..org", false},
			{"a@localhost", false},
			{"a@-x.org", false},
			{"A <a@x.org>", false},
			{"<a@x.org>", false},
			{"a@x.org,b@y.org", false},
			{"a@x.org;b@y.org", false},
			{"a@x.org b@y.org", false},
			{"a@b@x.org", false},
			{"@x.org", false},
			{"a@", false},
			{"a", false},
			{"", false},
			{"a@x.org\x00", false},
			{"a@x.org\r\nBcc: b@y.org", false},
			{"a%b@x.org", true},
			{"a@x.org?bcc=b@y.org", false},
			{"mailto:a@x.org", false},
			{"a\u200b@x.org", false},
			{"a@x\u200b.org", false},
		} {
			t.Run(fmt.Sprintf("%d", i), func(t *testing.T) {
				for door, accepted := range s.in(t).doors(i, c.address) {
					if accepted != c.accepted {
						t.Errorf("%.80q: %s accepts: %t", c.address, door, accepted)
					}
				}
			})
		}
		s.settled()
		for _, m := range s.mail.Messages() {
			if len(m.To) != 1 || strings.HasSuffix(m.To[0], "@y.org") {
				t.Errorf("a mail to %q", m.To)
			}
		}
		for address, to := range map[string]string{"c+d@x.org": "c+d@x.org", "c@bücher.example": "c@xn--bcher-kva.example"} {
			body := person(fmt.Sprintf("mailed-%d", len(address)))
			body["email"] = address
			s.wantStatus(s.post("/api/v1/sign-up/request", body), 201)
			s.mail.WaitForTo(t, to)
		}
	})
}

// doors tries an address wherever one can be given, and says who takes it.
func (s *site) doors(i int, address string) map[string]bool {
	s.t.Helper()
	took := map[string]bool{}
	taker := fmt.Sprintf("taker-%d", i)
	s.signUp(taker)
	path := s.byName(taker)
	took["correct-email, command line"] = s.commandTakes("user", "correct-email", taker, address)
	took["correct-email, API"] = s.takes(s.admin("PUT", path+"/email", map[string]string{"email": address}), 200)
	body := person(fmt.Sprintf("comer-%d", i))
	body["email"] = address
	took["sign-up"] = s.takes(s.post("/api/v1/sign-up/request", body), 201)
	took["resend, API"] = s.takes(s.post("/api/v1/sign-up/resend", map[string]string{"email": address}), 202)
	form := url.Values{"email": {address}}.Encode()
	took["resend, page"] = s.takes(s.send("POST", "/resend", "application/x-www-form-urlencoded", strings.NewReader(form)), 200)
	took["create-admin"] = s.commandTakes("user", "create-admin", "--username", fmt.Sprintf("boss-%d", i), "--email", address)
	return took
}

// takes tells an address that is taken for one from one that is not.
func (s *site) takes(r reply, ok int) bool {
	s.t.Helper()
	switch r.status {
	case ok:
		return true
	case 400, 422:
		if strings.HasPrefix(r.header.Get("Content-Type"), "application/problem") && r.status == 422 {
			if p := r.problem(s.t); len(p.Errors) != 1 || p.Errors[0].Location != "body.email" {
				s.t.Errorf("blames %+v", p.Errors)
			}
		}
		return false
	default:
		s.t.Errorf("status %d: %s", r.status, r.body)
		return false
	}
}

// commandTakes is takes for a command; a taken address is an address too.
func (s *site) commandTakes(args ...string) bool {
	s.t.Helper()
	code, _, stderr := s.CLI(append(args, "--json")...)
	if code == exitOK {
		return true
	}
	var answer errorAnswer
	s.decode(stderr, &answer)
	if answer.Code != string(refusal.Invalid) && answer.Code != string(refusal.EmailTaken) {
		s.t.Errorf("%q: %s", args, stderr)
	}
	return answer.Code == string(refusal.EmailTaken)
}

// B17: an address is one in any case, and the envelope has it as it was typed.
func TestAddressCase(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		body := person("john")
		body["email"] = "John.Doe@Example.ORG"
		s.wantStatus(s.post("/api/v1/sign-up/request", body), 201)
		first := s.mail.WaitFor(t, 1)[0]
		if local, _, _ := strings.Cut(first.To[0], "@"); local != "John.Doe" {
			t.Errorf("envelope to %q", first.To)
		}
		s.settled()
		s.mail.Clear()
		s.wantStatus(s.post("/api/v1/sign-up/resend", map[string]string{"email": "JOHN.DOE@example.org"}), 202)
		again := s.mail.WaitFor(t, 1)[0]
		if again.To[0] != first.To[0] {
			t.Errorf("resent to %q", again.To)
		}
		s.wantStatus(s.post("/api/v1/sign-up/confirm", token(tokenOf(t, again.Links()[0]))), 200)
		for _, name := range []string{"john.doe@example.org", "JOHN.DOE@EXAMPLE.ORG", "John", "JOHN"} {
			if got := s.user(name).Email; got != "John.Doe@Example.ORG" {
				t.Errorf("%s is %q", name, got)
			}
		}
		s.oneRow("jOHN.dOE")
		s.set(map[string]any{"conceal_emails": false})
		twice := person("john-2")
		twice["email"] = "john.doe@example.org"
		s.wantProblem(s.post("/api/v1/sign-up/request", twice), 409, "Email is already in use")
		twice = person("JoHn")
		s.wantProblem(s.post("/api/v1/sign-up/request", twice), 409, "Username is already in use")
		s.oneRow("john")
	})
}

// B19: no look-alike becomes somebody else, or gets his mail.
func TestLookAlikes(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		mike := person("mike")
		mike["email"] = "mike@github.example"
		s.wantStatus(s.post("/api/v1/sign-up/request", mike), 201)
		s.mail.WaitForTo(t, "mike@github.example")
		for i, address := range []string{
			"mıke@github.example", "mike@gıthub.example", "MİKE@github.example", "MIKE@GİTHUB.example", "mi\u212ae@github.example",
			"mike@github.example\u200b", "mike@ⓖithub.example", "ｍike@github.example", "mike@github。example", "mike\u00ad@github.example",
		} {
			body := person(fmt.Sprintf("alike-%d", i))
			body["email"] = address
			if r := s.post("/api/v1/sign-up/request", body); r.status != 201 && r.status != 422 {
				t.Errorf("%+q: %d", address, r.status)
			}
			if r := s.post("/api/v1/sign-up/resend", map[string]string{"email": address}); r.status != 202 && r.status != 422 {
				t.Errorf("resend to %+q: %d", address, r.status)
			}
		}
		s.settled()
		n := 0
		for _, m := range s.mail.Messages() {
			if strings.EqualFold(m.To[0], "mike@github.example") {
				n++
			}
		}
		if n != 1 {
			t.Errorf("mike got %d mails", n)
		}
		s.wantStatus(s.post("/api/v1/sign-up/confirm", token(tokenOf(t, s.mail.WaitForTo(t, "mike@github.example").Links()[0]))), 200)
		if got := s.user("mike@github.example"); got.Username != "mike" || got.Email != "mike@github.example" {
			t.Errorf("mike is %+v", got)
		}
		for _, name := range []string{"mıke", "MİKE", "mi\u212ae", "ｍike", "mike\u200b", "mіke"} {
			body := person("look-alike")
			body["username"] = name
			s.wantStatus(s.post("/api/v1/sign-up/request", body), 422)
		}
	})
}

// B25: no password is cut.
func TestLongPasswords(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		s.set(required(false, false))
		same72 := "Pa5!" + strings.Repeat("x", 68)
		hasher := password.NewHasher(password.DefaultParams(), 0, 0)
		verifies := func(name, typed string) bool {
			t.Helper()
			hash := s.query(`SELECT password_hash FROM users WHERE username = $1`, name)
			ok, _, err := hasher.Verify(t.Context(), password.Hash(hash), typed)
			s.ok(err)
			return ok
		}
		for i, password := range []string{
			same72, same72 + "1", same72 + "2", same72 + strings.Repeat("y", 28), "Pa5!" + strings.Repeat("😀", 24), "Pa5!" + strings.Repeat("z", 1020),
		} {
			name := fmt.Sprintf("long-%d", i)
			body := person(name)
			body["password"] = password
			s.wantStatus(s.post("/api/v1/sign-up/request", body), 201)
			if !verifies(name, password) {
				t.Errorf("%d bytes: the password is not the one", len(password))
			}
			cut := []rune(password)
			if verifies(name, string(cut[:len(cut)-1])) || verifies(name, password[:min(len(password)-1, 72)]) || verifies(name, password+"3") {
				t.Errorf("%d bytes: another password is taken for it", len(password))
			}
		}
		body := person("too-long")
		body["password"] = "Pa5!" + strings.Repeat("z", 1021)
		r := s.post("/api/v1/sign-up/request", body)
		s.wantStatus(r, 422)
		if !strings.Contains(r.body, "1024 bytes") {
			t.Errorf("no reason: %s", r.body)
		}
	})
}

// B26: what is too big is refused without being looked into.
func TestHugeBodies(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		huge := person("huge")
		huge["password"] = "Pa5!" + strings.Repeat("x", 5<<20)
		body, err := json.Marshal(huge)
		s.ok(err)
		var bomb bytes.Buffer
		z := gzip.NewWriter(&bomb)
		_, err = io.CopyN(z, zeros{}, 100<<20)
		s.ok(err)
		s.ok(z.Close())
		for _, path := range []string{"/api/v1/sign-up/request", "/api/v1/sign-up/confirm", "/api/v1/sign-up/resend"} {
			for name, c := range map[string]struct {
				body    io.Reader
				want    int
				headers []string
			}{
				"5 MB":                {bytes.NewReader(body), 413, nil},
				"10 MB, no length":    {io.LimitReader(zeros{}, 10<<20), 413, nil},
				"endless":             {&endless{}, 413, nil},
				"gzip bomb":           {bytes.NewReader(bomb.Bytes()), 413, []string{"Content-Encoding", "gzip"}},
				"gzip":                {strings.NewReader("\x1f\x8b"), 415, []string{"Content-Encoding", "gzip"}},
				"no JSON":             {strings.NewReader("name=x"), 415, []string{"Content-Type", "text/plain"}},
				"deep":                {strings.NewReader(strings.Repeat(`[`, 60_000)), 400, nil},
				"deep and right":      {strings.NewReader(`{"name":` + strings.Repeat(`[`, 9_000) + strings.Repeat(`]`, 9_000) + `}`), 422, nil},
				"many members":        {strings.NewReader(members(6_000)), 422, nil},
				"one member, a score": {strings.NewReader(`{` + strings.Repeat(`"name":"a",`, 5_000) + `"name":"a"}`), 422, nil},
			} {
				s.refusesHuge(path+", "+name, path, c.body, c.want, c.headers)
			}
		}
		s.signUp("healthy")
	})
}

// refusesHuge sends a body of which the server may hang up on the rest.
func (s *site) refusesHuge(name, path string, body io.Reader, want int, headers []string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.URL+path, body)
	s.ok(err)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	start := time.Now()
	resp, err := client.Do(req)
	if err != nil {
		s.t.Errorf("%s: %v", name, err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	b, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != want {
		s.t.Errorf("%s: status %d, want %d: %.200s", name, resp.StatusCode, want, b)
	}
	if len(b) > 8<<10 {
		s.t.Errorf("%s: an answer of %d bytes", name, len(b))
	}
	// The body's own deadline is 10 s: this was not waited for.
	if took := time.Since(start); took > 5*time.Second {
		s.t.Errorf("%s: took %v", name, took)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// endless is a body that begins well.
type endless struct{ begun bool }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	if !e.begun {
		e.begun = true
		return copy(p, `{"name":"`), nil
	}
	return len(p), nil
}

func members(n int) string {
	var b strings.Builder
	for i := range n {
		_, _ = fmt.Fprintf(&b, `"m%d":1,`, i)
	}
	return "{" + strings.TrimSuffix(b.String(), ",") + "}"
}

// What is no text is refused in every field, and nothing is stored.
func TestNoText(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		good := `{"name":"Ada","username":"ada","email":"ada@example.org","password":"Passw0rd!ada","preferred_language":"en"}`
		for field, value := range map[string]string{
			"name": "Ada", "username": `"ada`, "email": "ada@example.org", "password": "Passw0rd!ada", "preferred_language": `"en`,
		} {
			for name, bad := range map[string]string{
				"NUL escaped": `\u0000`, "NUL": "\x00", "lone high surrogate": `\ud800`, "lone low surrogate": `\udc00`,
				"wrong pair": `\ud800\u0041`, "invalid UTF-8": "\xff", "overlong": "\xc0\xae", "surrogate in UTF-8": "\xed\xa0\x80", "cut": "\xf0\x9f\x98",
			} {
				r := s.post("/api/v1/sign-up/request", strings.Replace(good, value, value+bad, 1))
				if r.status != 400 && r.status != 422 {
					t.Errorf("%s in %s: %d %s", name, field, r.status, r.body)
				}
				r.problem(t)
			}
		}
		for _, path := range []string{"/api/v1/sign-up/confirm", "/api/v1/sign-up/resend"} {
			for _, bad := range []string{`{"token":"\u0000"}`, `{"email":"a\ud800@x.org"}`, "{\"token\":\"\xff\"}", "\xef\xbb\xbf{}", "", "null", "1", `"x"`, "{", "{}{}"} {
				if r := s.post(path, bad); r.status != 400 && r.status != 422 {
					t.Errorf("%s %q: %d", path, bad, r.status)
				}
			}
		}
		if n := s.query(`SELECT count(*) FROM users`); n != "0" {
			t.Errorf("%s users", n)
		}
	})
}

// What was sent never comes back in an answer; the name of an unknown field does.
func TestNothingEchoed(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		const canary = "cAnArY7391"
		s.confirmed("somebody")
		path := s.pathOf("somebody")
		valid := person("canary")
		valid["name"], valid["password"] = canary, canary+"-Passw0rd!"
		replies := []reply{s.post("/api/v1/sign-up/request", valid)}
		for field := range valid {
			for _, value := range []any{canary, canary + "\x07", "@" + canary, 7, []string{canary}, map[string]string{canary: canary}} {
				body := person("echo")
				body[field] = value
				replies = append(replies, s.post("/api/v1/sign-up/request", body))
			}
		}
		unknown := person("echo-unknown")
		unknown["some_field"], unknown["other_field"] = canary, map[string]string{"x": canary}
		named := s.post("/api/v1/sign-up/request", unknown)
		s.wantStatus(named, 422)
		if p := named.problem(t); len(p.Errors) != 2 || p.Errors[0].Location+p.Errors[1].Location != "body.other_fieldbody.some_field" {
			t.Errorf("the unknown fields are not named: %s", named.body)
		}
		replies = append(replies, named,
			s.post("/api/v1/sign-up/confirm", token(canary)),
			s.post("/api/v1/sign-up/confirm", map[string]string{"token": canary, "more": canary}),
			s.post("/api/v1/sign-up/resend", map[string]string{"email": canary}),
			s.post("/api/v1/sign-up/resend", map[string]string{"email": canary + "@example.org"}),
			s.post("/api/v1/sign-up/resend", `{"email":"`+canary),
			s.admin("PUT", path+"/email", map[string]string{"email": canary}),
			s.admin("PUT", path+"/reject", map[string]any{"reason": canary, "note": 7}),
			s.admin("PUT", path+"/reject", map[string]any{"reason": canary, "other": canary}),
			s.admin("PUT", path+"/reject", map[string]string{"reason": canary + strings.Repeat("x", 2001)}),
			s.admin("PUT", "/api/v1/users/"+canary+"/approve", nil),
			s.admin("GET", "/api/v1/users/"+canary, nil),
			s.admin("GET", "/api/v1/users?status="+canary, nil),
			s.admin("GET", "/api/v1/users?search="+canary+strings.Repeat("x", 250), nil),
			s.admin("GET", "/api/v1/users?limit="+canary, nil),
			s.admin("GET", "/api/v1/audit?user_id="+canary, nil),
			s.admin("PUT", "/api/v1/server_settings", map[string]any{"signup_enabled": canary, "password_type": canary, "token_lifetime": canary}),
			s.send("GET", "/api/v1/users", "", nil, "Authorization", "Bearer "+canary),
			s.send("GET", "/"+canary, "", nil, "Accept", "text/html"),
			s.send("GET", "/"+canary, "", nil),
			s.send("POST", "/verify-email", "application/x-www-form-urlencoded", strings.NewReader("token="+canary)),
			s.send("POST", "/resend", "application/x-www-form-urlencoded", strings.NewReader("email="+canary)),
			s.send("POST", "/api/v1/sign-up/request", canary+"/json", strings.NewReader("{}")),
		)
		for i, r := range replies {
			if r.status >= 500 || r.status == 0 {
				t.Errorf("answer %d: status %d: %s", i, r.status, r.body)
			}
			if all := fmt.Sprint(r.header) + r.body; strings.Contains(strings.ToLower(all), strings.ToLower(canary)) {
				t.Errorf("answer %d holds what was sent: %d %s", i, r.status, all)
			}
		}
		if got := s.user("somebody").Status; got != signup.StatusPendingApproval {
			t.Errorf("a refused request made it %s", got)
		}
	})
}

// steps are those of B35, each as somebody sends it.
var steps = map[string]func(s *site, name, plain string) reply{
	"confirm": func(s *site, _, plain string) reply { return s.post("/api/v1/sign-up/confirm", token(plain)) },
	"approve": func(s *site, name, _ string) reply { return s.admin("PUT", s.byName(name)+"/approve", nil) },
	"again":   func(s *site, name, _ string) reply { return s.admin("PUT", s.byName(name)+"/approve", nil) },
	"reject": func(s *site, name, _ string) reply {
		return s.admin("PUT", s.byName(name)+"/reject", map[string]string{"reason": "no"})
	},
	"resend": func(s *site, name, _ string) reply {
		return s.post("/api/v1/sign-up/resend", map[string]string{"email": name + "@example.org"})
	},
	"settings": func(s *site, _, _ string) reply {
		return s.admin("PUT", "/api/v1/server_settings", required(rand.N(2) == 0, rand.N(2) == 0))
	},
}

// byName is pathOf through the API, which is faster.
func (s *site) byName(name string) string {
	s.t.Helper()
	return fmt.Sprintf("/api/v1/users/%d", s.seenUser(name).ID)
}

type seenUser struct {
	ID               int64
	Username, Status string
	Mails            []seenMail
}

func (s *site) seenUser(name string) seenUser {
	s.t.Helper()
	var list struct{ Users []seenUser }
	s.decode(s.admin("GET", "/api/v1/users?search="+name+"@example.org", nil).body, &list)
	for _, u := range list.Users {
		if u.Username == name {
			return u
		}
	}
	s.t.Fatalf("no user %s", name)
	return seenUser{}
}

// B35: confirm, approve twice, reject, resend and changed settings come in any
// order, and at the same time: nothing fails, everybody can still get in, and
// whoever does is told once.
func TestAnyOrder(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		s.Run("user", "create-admin", "--username", "boss", "--email", "boss@example.org")
		orders := slices.DeleteFunc(permutations([]string{"confirm", "approve", "again", "reject", "resend"}), func(order []string) bool {
			return slices.Index(order, "again") < slices.Index(order, "approve") // the same as the other way round
		})
		orders = append(orders, permutations([]string{"settings", "confirm", "approve", "reject"})...)
		tokens := make([]string, len(orders))
		for i := range orders {
			s.signUp(fmt.Sprintf("any-%d-x", i))
		}
		for i := range orders {
			tokens[i] = s.tokenTo(fmt.Sprintf("any-%d-x", i))
		}
		for i, order := range orders {
			name := fmt.Sprintf("any-%d-x", i)
			if i%4 == 3 { // all at once
				together(len(order), func(k int) bool { return s.step(order, order[k], name, tokens[i]) })
			} else {
				for _, step := range order {
					s.step(order, step, name, tokens[i])
				}
			}
			s.goesOn(order, name, tokens[i])
		}
		s.set(defaults())
	})
}

func permutations(list []string) [][]string {
	if len(list) < 2 {
		return [][]string{slices.Clone(list)}
	}
	var all [][]string
	for i := range list {
		rest := slices.Delete(slices.Clone(list), i, i+1)
		for _, p := range permutations(rest) {
			all = append(all, append([]string{list[i]}, p...))
		}
	}
	return all
}

func (s *site) step(order []string, step, name, plain string) bool {
	r := steps[step](s, name, plain)
	switch r.status {
	case 200, 202, 400, 409, 412:
	default:
		s.t.Errorf("%q, %s: %d %s", order, step, r.status, r.body)
	}
	return r.status < 300
}

// goesOn takes the listed next step until the person is in.
func (s *site) goesOn(order []string, name, plain string) {
	s.t.Helper()
	for range 4 {
		var r reply
		switch status := s.seenUser(name).Status; status {
		case "active":
			s.toldOnce(order, name)
			return
		case "unconfirmed":
			r = steps["confirm"](s, name, plain)
		case "pending_approval":
			r = steps["approve"](s, name, plain)
		case "rejected":
			r = s.admin("PUT", s.byName(name)+"/reconsider", nil)
		}
		if r.status != 200 {
			s.t.Errorf("%q: the next step fails: %d %s", order, r.status, r.body)
			return
		}
	}
	s.t.Errorf("%q: no way in", order)
}

func (s *site) toldOnce(order []string, name string) {
	s.t.Helper()
	var u seenUser
	s.decode(s.admin("GET", s.byName(name), nil).body, &u)
	approved := 0
	for _, m := range u.Mails {
		if m.Kind == "approved" && m.State != "superseded" {
			approved++
		}
	}
	if approved != 1 {
		s.t.Errorf("%q: %d mails say approved: %+v", order, approved, u.Mails)
	}
}

// B35: what the settings were when somebody signed up decides, not what they
// are now, and an administrator has a way out.
func TestStuck(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		s.signUp("stuck")
		path := s.byName("stuck")
		s.wantProblem(s.admin("PUT", path+"/approve", nil), 400, "User email is not verified")
		s.set(required(false, false))
		s.wantProblem(s.admin("PUT", path+"/approve", nil), 400, "User email is not verified")
		s.wantStatus(s.admin("PUT", path+"/verify", nil), 200)
		s.wantStatus(s.admin("PUT", path+"/verify", nil), 200)
		s.wantStatus(s.admin("PUT", path+"/approve", nil), 200)
		s.wantStatus(s.admin("PUT", path+"/approve", nil), 200)
		s.wantStatus(s.admin("PUT", path+"/reject", nil), 409)
		s.wantStatus(s.admin("PUT", path+"/reconsider", nil), 409)
		if got := s.user("stuck").Status; got != signup.StatusActive {
			t.Errorf("status %s", got)
		}
		var seen struct {
			Audit []struct{ Action, Actor string }
		}
		s.decode(s.admin("GET", path, nil).body, &seen)
		actions := map[string]string{}
		for _, e := range seen.Audit {
			actions[e.Action] = e.Actor
		}
		if actions["user.verified"] != "key:test" || actions["user.approved"] != "key:test" || actions["user.active"] != "key:test" || len(seen.Audit) != 4 {
			t.Errorf("audit trail %+v", seen.Audit)
		}
	})
}

// B36: a rejection is told safely, can be taken back, and blocks as the
// settings say.
func TestRejection(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		s.Run("user", "create-admin", "--username", "boss", "--email", "boss@example.org")
		s.confirmed("turned-down")
		path := s.byName("turned-down")
		reason := "<b>no</b> [click](https://evil.example) **bold**\n.\n" + strings.Repeat("x\n", 500)
		s.wantStatus(s.admin("PUT", path+"/reject", map[string]string{"reason": reason, "note": "the note <i>is</i> ours"}), 200)
		m := s.mailTo("turned-down", "did not accept")
		if strings.Contains(m.HTML(), "<b>no") || !strings.Contains(m.HTML(), "&lt;b&gt;no") || strings.Contains(m.HTML(), `href="https://evil`) {
			t.Errorf("the reason is markup:\n%s", m.HTML())
		}
		if strings.Contains(string(m.Raw), "the note") {
			t.Error("the note was mailed")
		}
		if !strings.Contains(m.Plain(), "> <b>no</b>") || strings.Count(m.Plain(), "\n> x") != 500 {
			t.Errorf("the reason is not there, or not whole:\n%.2000s", m.Plain())
		}
		s.wantStatus(s.admin("PUT", path+"/reject", map[string]string{"reason": "twice"}), 200)
		s.wantProblem(s.admin("PUT", path+"/approve", nil), 409, "User was rejected; reconsider the rejection first")
		s.settled()
		if n := s.countMails("turned-down", "did not accept"); n != 1 {
			t.Errorf("%d mails", n)
		}

		again := person("turned-down-2")
		again["email"] = "turned-down@example.org"
		t.Run("never again", func(t *testing.T) {
			s := s.in(t)
			s.set(map[string]any{"reapply_after": "never"})
			s.wantStatus(s.post("/api/v1/sign-up/request", again), 201)
			s.settled()
			if got := s.user("turned-down").Status; got != signup.StatusRejected || s.countMails("turned-down", "token=") != 1 {
				t.Errorf("status %s, %d links", got, s.countMails("turned-down", "token="))
			}
		})
		t.Run("later", func(t *testing.T) {
			s := s.in(t)
			s.set(map[string]any{"reapply_after": "1h"})
			s.wantStatus(s.post("/api/v1/sign-up/request", again), 201)
			s.settled()
			if got := s.user("turned-down").Status; got != signup.StatusRejected || s.countMails("turned-down", "token=") != 1 {
				t.Errorf("status %s, %d links", got, s.countMails("turned-down", "token="))
			}
		})
		t.Run("at once", func(t *testing.T) {
			s := s.in(t)
			s.set(map[string]any{"reapply_after": "0s"})
			s.mail.Clear()
			s.wantStatus(s.post("/api/v1/sign-up/request", person("turned-down")), 201)
			plain := tokenOf(t, s.mailTo("turned-down", "token=").Links()[0])
			s.wantStatus(s.post("/api/v1/sign-up/confirm", token(plain)), 200)
			if got := s.seenUser("turned-down").Status; got != "pending_approval" {
				t.Errorf("status %s", got)
			}
			s.mail.WaitForMatch(t, func(m smtptest.Message) bool { return m.To[0] == "boss@example.org" })
		})
		t.Run("reconsidered", func(t *testing.T) {
			s := s.in(t)
			s.wantProblem(s.admin("PUT", path+"/reconsider", nil), 409, "Another user has the username by now")
			path := s.byName("turned-down") // of the second sign-up
			s.wantStatus(s.admin("PUT", path+"/reject", nil), 200)
			s.wantStatus(s.admin("PUT", path+"/reconsider", nil), 200)
			r := s.admin("PUT", path+"/approve", nil)
			s.wantStatus(r, 200)
			if !strings.Contains(r.body, `"rejected_at":null`) || !strings.Contains(r.body, `"rejection_note":null`) {
				t.Errorf("traces of the rejection: %s", r.body)
			}
			s.mailTo("turned-down", "is active")
		})
	})
}

// B37: every active administrator is told of everybody who waits, once, when
// he begins to wait; what goes wrong with one is no matter to the others.
func TestNotices(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		for i := range 5 {
			s.Run("user", "create-admin", "--username", fmt.Sprintf("boss-%d", i), "--email", fmt.Sprintf("boss-%d@example.org", i))
		}
		s.mail.SetBehaviour(smtptest.ReplyAt(smtptest.Rcpt, "550 5.1.1 gone").For("boss-0@example.org"))
		s.signUp("waiting")
		plain := s.tokenTo("waiting")
		s.settled()
		if n := len(s.mail.Messages()); n != 1 {
			t.Errorf("%d mails before anybody waits", n)
		}
		s.wantStatus(s.post("/api/v1/sign-up/confirm", token(plain)), 200)
		s.wantStatus(s.post("/api/v1/sign-up/confirm", token(plain)), 400)
		s.settled()
		told := map[string]int{}
		for _, m := range s.mail.Messages() {
			if strings.Contains(m.Subject(), "waits for approval") {
				told[m.To[0]]++
			}
		}
		if len(told) != 4 || told["boss-0@example.org"] != 0 || told["boss-4@example.org"] != 1 {
			t.Errorf("told %v", told)
		}
		var list struct{ Total int }
		s.decode(s.admin("GET", "/api/v1/users?status=pending_approval", nil).body, &list)
		if list.Total != 1 {
			t.Errorf("%d wait", list.Total)
		}
	})
}

// B29: a token proves the address it was sent to, and no other.
func TestTokenOfAnotherAddress(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		old := s.newToken("mover")
		path := s.byName("mover")
		s.wantStatus(s.admin("PUT", path+"/email", map[string]string{"email": "victim@example.org"}), 200)
		s.wantProblem(s.post("/api/v1/sign-up/confirm", token(old)), 400, "Invalid or expired sign up token")
		if got := s.user("mover"); got.Status != signup.StatusUnconfirmed || got.Email != "victim@example.org" {
			t.Errorf("%+v", got)
		}
		s.tokenTo("victim")
		for i := range 4 {
			s.wantStatus(s.admin("PUT", path+"/email", map[string]string{"email": fmt.Sprintf("try-%d@example.org", i)}), 200)
		}
		s.wantStatus(s.admin("PUT", path+"/email", map[string]string{"email": "sixth@example.org"}), 409)

		racer := s.newToken("racer")
		path = s.byName("racer")
		together(4, func(i int) int {
			return s.admin("PUT", path+"/email", map[string]string{"email": fmt.Sprintf("race-%d@example.org", i)}).status
		})
		s.settled()
		won := s.user("racer").Email
		for _, m := range s.mail.Messages() {
			if !strings.HasPrefix(m.To[0], "race") {
				continue
			}
			r := s.post("/api/v1/sign-up/confirm", token(tokenOf(t, m.Links()[0])))
			if good := m.To[0] == won; good != (r.status == 200) {
				t.Errorf("the token of %s: %d, and the address is %s", m.To[0], r.status, won)
			}
		}
		s.wantStatus(s.post("/api/v1/sign-up/confirm", token(racer)), 400)
	})
}

// B07: however often somebody asks for links to another's mailbox, the answer is
// always the same, and the mailbox gets as many mails as the limits allow:
// counted together, whatever caused them, and with its sub-addresses.
func TestResendFlood(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d, "--rate-limit", "100000/s") // without it, there would be no limit per address
		s.confirmed("owner")
		s.newToken("target")
		s.settled()
		s.mail.Clear()
		answers := tally(together(atOnce, func(i int) string {
			r := s.post("/api/v1/sign-up/resend", map[string]string{"email": []string{"target", "TARGET", "owner", "nobody"}[i%4] + "@example.org"})
			return fmt.Sprint(r.status, r.body)
		}))
		if len(answers) != 1 {
			t.Errorf("answers %v", answers)
		}
		for i := range 10 {
			body := person(fmt.Sprintf("thief-%d", i))
			body["email"] = "owner@example.org"
			s.wantStatus(s.post("/api/v1/sign-up/request", body), 201)
			body = person(fmt.Sprintf("sub-%d", i))
			body["email"] = fmt.Sprintf("owner+%d@example.org", i)
			s.wantStatus(s.post("/api/v1/sign-up/request", body), 201)
		}
		s.settled()
		if links, all := s.countMails("target", "token="), len(s.mail.Messages()); links != 1 || all != 2 {
			t.Errorf("%d links to the one, %d mails to both", links, all)
		}
	})
}

// B01, B03, B06: looking spends nothing, a second click is friendly, and an
// expired link leads on.
func TestLinks(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		plain := s.newToken("clicker")
		for range 5 {
			for _, method := range []string{"HEAD", "GET", "OPTIONS"} {
				r := s.send(method, "/verify-email?token="+plain, "", nil, "User-Agent", "Go-http-client/1.1")
				if r.status != 200 && r.status != 204 {
					t.Errorf("%s: %d", method, r.status)
				}
				if method == "GET" && (r.header.Get("Referrer-Policy") != "no-referrer" || r.header.Get("Cache-Control") != "no-store" || len(r.header.Values("Set-Cookie")) != 0) {
					t.Errorf("headers %v", r.header)
				}
			}
		}
		s.set(map[string]any{"confirm_asks_password": false})
		press := func(path, plain string) reply {
			return s.send("POST", path, "application/x-www-form-urlencoded", strings.NewReader("mine=1&token="+plain))
		}
		if got := s.user("clicker").Status; got != signup.StatusUnconfirmed {
			t.Errorf("looking made it %s", got)
		}
		for _, want := range []string{"confirmed", "already", "already"} {
			r := press("/verify-email", plain)
			s.wantStatus(r, 200)
			if !strings.Contains(strings.ToLower(r.body), want) || len(r.header.Values("Set-Cookie")) != 0 {
				t.Errorf("the page does not say %s: %s", want, r.body)
			}
		}
		s.wantStatus(s.admin("PUT", s.byName("clicker")+"/approve", nil), 200)
		s.wantStatus(press("/verify-email", plain), 200)

		late := s.newToken("late")
		s.exec(s.make.expire)
		r := press("/verify-email", late)
		s.wantStatus(r, 410)
		if !strings.Contains(r.body, "/verify-email/resend") || strings.Contains(r.body, "late@example.org") {
			t.Errorf("no way on, or the address is shown: %s", r.body)
		}
		s.settled()
		s.mail.Clear()
		s.wantStatus(press("/verify-email/resend", late), 200)
		s.wantStatus(press("/verify-email", s.tokenTo("late")), 200)

		s.signUp("cleaned")
		s.tokenTo("cleaned")
		s.settled()
		s.exec(s.make.expire)
		s.Run("token", "delete-expired")
		s.mail.Clear()
		s.wantStatus(s.post("/api/v1/sign-up/resend", map[string]string{"email": "cleaned@example.org"}), 202)
		s.wantStatus(press("/verify-email", s.tokenTo("cleaned")), 200)

		gone := s.newToken("gone")
		s.exec(`DELETE FROM users WHERE username = 'gone'`)
		if r := press("/verify-email", gone); r.status != 400 || !strings.Contains(r.body, "does not work") {
			t.Errorf("%d %s", r.status, r.body)
		}
	})
}
