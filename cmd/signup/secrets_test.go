package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/signup-go/signup/smtp/smtptest"
)

// TestSecrets walks every road at the most talkative log level, and then looks
// for each token, password, hash and key of the walk in everything that stays:
// the log, the tables, the file, and what administrators are shown.
func TestSecrets(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		w := &walk{site: openSite(t, d, "--log-level", "debug"), secrets: map[string]string{}}
		w.environ = append(w.environ, "SIGNUP_ADMIN_PASSWORD=Adm1n-Secret-Word")
		w.secrets["the administrator's password"] = "Adm1n-Secret-Word"
		w.environ = append(w.environ, "SIGNUP_PASSWORD=N3w-Secret-of-his")
		w.secrets["the administrator's new password"] = "N3w-Secret-of-his"
		w.secrets["the API key"] = w.Key
		w.all()
		w.settled()
		for i, m := range append(w.mail.Messages(), w.mail.Unanswered()...) {
			for _, link := range m.Links() {
				if found := tokenPattern.FindStringSubmatch(link); found != nil {
					w.secrets[fmt.Sprintf("token of mail %d to %s", i, m.To[0])] = found[1]
				}
			}
		}
		if len(w.secrets) < 20 {
			t.Fatalf("only %d secrets: %q", len(w.secrets), slices.Sorted(maps.Keys(w.secrets)))
		}
		shown := w.shownToAdmins()
		w.Stop()
		tables := w.dump()
		w.notIn("the log", w.Stderr.String())
		w.notIn("what administrators are shown", shown)
		w.notIn("the tables", tables)
		for _, file := range w.files() {
			b, err := os.ReadFile(file)
			w.ok(err)
			w.notIn(filepath.Base(file), string(b))
		}
		// The hashes may be in their column and nowhere else.
		hashes := w.passwordHashes()
		if len(hashes) < 5 {
			t.Fatalf("only %d password hashes", len(hashes))
		}
		for _, hash := range hashes {
			digest := hash[strings.LastIndex(hash, "$")+1:]
			for where, text := range map[string]string{"the log": w.Stderr.String(), "what administrators are shown": shown, "the tables": tables} {
				if strings.Contains(text, digest) {
					t.Errorf("a password hash is in %s", where)
				}
			}
		}
	})
}

// A walk is a site where things happen, and the secrets they involve.
type walk struct {
	*site
	secrets map[string]string
	replies strings.Builder
}

// notIn looks for each secret, and for the half of it that a cut or masked
// one would leave.
func (w *walk) notIn(where, text string) {
	w.t.Helper()
	if text == "" {
		w.t.Errorf("%s is empty", where)
	}
	for name, secret := range w.secrets {
		if i := strings.Index(text, secret[:max(len(secret)/2, 12)]); i >= 0 {
			w.t.Errorf("%s is in %s: …%q…", name, where, text[max(0, i-80):min(len(text), i+80)])
		}
	}
}

func (w *walk) all() {
	w.t.Helper()
	w.Run("user", "create-admin", "--username", "boss", "--email", "boss@example.org")
	w.Run("user", "set-password", "boss")
	w.approved()
	w.forgotten()
	w.wrongConfirms()
	w.repeatedAndCorrected()
	w.refusedByServer()
	w.strangePlaces()
	w.keys()
}

// person is somebody whose password is watched.
func (w *walk) person(name string) map[string]any {
	body := person(name)
	body["password"] = "S3cret-of-" + name + "-!"
	w.secrets["password of "+name] = body["password"].(string)
	return body
}

func (w *walk) join(name string) string {
	w.t.Helper()
	w.wantStatus(w.post("/api/v1/sign-up/request", w.person(name)), 201)
	return w.tokenTo(name)
}

func (w *walk) keep(r reply) reply {
	w.replies.WriteString(r.body)
	return r
}

func (w *walk) approved() {
	w.t.Helper()
	w.wantStatus(w.keep(w.post("/api/v1/sign-up/confirm", token(w.join("yes")))), 200)
	w.wantStatus(w.keep(w.admin("PUT", w.pathOf("yes")+"/approve", nil)), 200)
	w.wantStatus(w.keep(w.post("/api/v1/sign-up/confirm", token(w.join("no")))), 200)
	reason := map[string]string{"reason": "members only", "note": "known from elsewhere"}
	w.wantStatus(w.keep(w.admin("PUT", w.pathOf("no")+"/reject", reason)), 200)
}

// forgotten is somebody who is in and chooses a new password by a link.
func (w *walk) forgotten() {
	w.t.Helper()
	w.wantStatus(w.keep(w.post("/api/v1/password-reset", map[string]string{"email": "yes@example.org"})), 202)
	m := w.mail.WaitForMatch(w.t, func(m smtptest.Message) bool {
		return m.To[0] == "yes@example.org" && strings.Contains(m.Plain(), "/reset-password?token=")
	})
	link := m.Links()[0]
	w.secrets["the password after a reset"] = "S3cret-after-the-reset"
	w.wantStatus(w.send("GET", "/reset-password?token="+tokenOf(w.t, link), "", nil), 200)
	w.wantStatus(w.keep(w.post("/api/v1/password-reset/confirm", map[string]string{
		"token": tokenOf(w.t, link), "password": "S3cret-after-the-reset",
	})), 200)
}

func (w *walk) wrongConfirms() {
	w.t.Helper()
	plain := w.join("wrong")
	unknown := strings.Repeat("Unkn0wn", 6) + "A"
	w.secrets["an unknown token"] = unknown
	for _, body := range []any{token(unknown), token(plain + "x"), `{"token":"` + plain + `","x":1}`, `{"token":"` + plain, `["` + plain + `"]`} {
		if r := w.keep(w.post("/api/v1/sign-up/confirm", body)); r.status < 400 || r.status >= 500 {
			w.t.Errorf("%v: status %d", body, r.status)
		}
	}
	w.broken("mails", func() { w.wantFault("POST", "/api/v1/sign-up/confirm", token(plain)) })
	w.broken("mails", func() { w.wantFault("POST", "/api/v1/sign-up/request", w.person("fault")) })
	w.exec(w.make.expire)
	w.wantStatus(w.keep(w.post("/api/v1/sign-up/confirm", token(plain))), 400)
	form := strings.NewReader("token=" + plain)
	w.wantStatus(w.send("POST", "/verify-email/resend", "application/x-www-form-urlencoded", form), 200)
}

func (w *walk) repeatedAndCorrected() {
	w.t.Helper()
	w.join("again")
	second := w.person("again-2")
	second["email"] = "again@example.org"
	w.wantStatus(w.keep(w.post("/api/v1/sign-up/request", second)), 201)
	w.wantStatus(w.keep(w.post("/api/v1/sign-up/resend", map[string]string{"email": "again@example.org"})), 202)
	w.join("moved")
	w.wantStatus(w.keep(w.admin("PUT", w.pathOf("moved")+"/email", map[string]string{"email": "moved-2@example.org"})), 200)
	w.secrets["token made by hand"] = strings.TrimSpace(w.Run("token", "create", "moved"))
}

// refusedByServer sends mails that fail in the ways that leave words behind.
func (w *walk) refusedByServer() {
	w.t.Helper()
	w.mail.SetBehaviour(
		smtptest.ReplyAt(smtptest.Body, "451 4.3.0 try later").For("later@example.org").Times(1),
		smtptest.DropAt(smtptest.Body).For("dropped@example.org").Times(1),
		smtptest.ReplyAt(smtptest.Body, "554 5.7.1 spam").For("spam@example.org"),
	)
	for _, name := range []string{"later", "dropped", "spam"} {
		w.wantStatus(w.post("/api/v1/sign-up/request", w.person(name)), 201)
	}
	w.hurryUntil("the repeats", func() bool { return w.countMails("later", "token=")+w.countMails("dropped", "token=") == 2 })
}

// strangePlaces puts secrets where they do not belong.
func (w *walk) strangePlaces() {
	w.t.Helper()
	plain := w.join("strange")
	for _, path := range []string{
		"/verify-email?token=" + plain, "/verify-email?x=1&token=" + plain, "/verify-email/" + plain, "/verify-email%3Ftoken=" + plain,
		"/" + plain, "/api/v1/sign-up/confirm?token=" + plain, "/api/v1/users?search=" + plain,
	} {
		w.keep(w.send("POST", path, "application/x-www-form-urlencoded", strings.NewReader("x=1"), "X-Request-Id", plain, "Referer", "https://x.example/?token="+plain))
		if r := w.send("GET", path, "", nil, "User-Agent", plain, "Authorization", "Bearer "+plain); r.status >= 500 {
			w.t.Errorf("%s: %d", path, r.status)
		}
	}
	bad := w.person("strange-2")
	bad["email"], bad["password_confirmation"] = "no address", bad["password"]
	w.wantStatus(w.keep(w.post("/api/v1/sign-up/request", bad)), 422)
	weak := w.person("strange-3")
	weak["password"] = "all-lower-case-secret"
	w.secrets["a weak password"] = "all-lower-case-secret"
	w.wantStatus(w.keep(w.post("/api/v1/sign-up/request", weak)), 422)
}

func (w *walk) keys() {
	w.t.Helper()
	key := strings.TrimSpace(w.Run("key", "create", "--name", "second"))
	w.secrets["the second API key"] = key
	w.wantStatus(w.send("GET", "/api/v1/users", "", nil, "Authorization", "Bearer "+key), 200)
	w.Run("key", "revoke", "second")
	w.wantStatus(w.keep(w.send("GET", "/api/v1/users", "", nil, "Authorization", "Bearer "+key)), 401)
	w.wantStatus(w.keep(w.send("GET", "/api/v1/users", "", nil, "Authorization", "Basic "+key)), 401)
}

// shownToAdmins is all that the API and the command line tell of anybody, and
// what they answered on the way.
func (w *walk) shownToAdmins() string {
	w.t.Helper()
	for _, path := range []string{"/api/v1/users?limit=200", "/api/v1/audit?limit=200", "/api/v1/server_settings", "/api/v1/mails?limit=200"} {
		w.wantStatus(w.keep(w.admin("GET", path, nil)), 200)
	}
	var list struct{ Users []struct{ Username string } }
	w.decode(w.admin("GET", "/api/v1/users?limit=200", nil).body, &list)
	for _, u := range list.Users {
		w.wantStatus(w.keep(w.admin("GET", w.pathOf(u.Username), nil)), 200)
		w.replies.WriteString(w.Run("user", "show", u.Username) + w.Run("user", "show", u.Username, "--json"))
	}
	for _, m := range w.mailList("--limit", "1000") {
		w.wantStatus(w.keep(w.admin("GET", "/api/v1/mails/"+m.ID, nil)), 200)
	}
	w.replies.WriteString(w.Run("mail", "list"))
	w.replies.WriteString(w.Run("audit", "--json") + w.Run("key", "list", "--json") + w.shownConfig("--json"))
	return w.replies.String()
}

// shownConfig is what the server's configuration is shown as.
func (w *walk) shownConfig(args ...string) string {
	w.t.Helper()
	return w.Run(append(append([]string{"config"}, w.args...), args...)...)
}

// dump is every table as text, without the column for password hashes.
func (w *walk) dump() string {
	w.t.Helper()
	rows, err := w.db.QueryContext(w.t.Context(), w.make.tables)
	w.ok(err)
	defer func() { _ = rows.Close() }()
	var out strings.Builder
	for rows.Next() {
		var table string
		w.ok(rows.Scan(&table))
		w.dumpTable(&out, table)
	}
	w.ok(rows.Err())
	if text := out.String(); !strings.Contains(text, "river_job.args") || !strings.Contains(text, "audit_events.action") || !strings.Contains(text, "mail_attempts.answer") {
		w.t.Error("a table is missing in the dump")
	}
	return out.String()
}

func (w *walk) dumpTable(out *strings.Builder, table string) {
	w.t.Helper()
	rows, err := w.db.QueryContext(w.t.Context(), `SELECT * FROM "`+table+`"`)
	w.ok(err)
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	w.ok(err)
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		w.ok(rows.Scan(into...))
		for i, v := range values {
			if columns[i] == "password_hash" {
				continue
			}
			_, _ = fmt.Fprintf(out, "%s.%s: %s\n", table, columns[i], v)
		}
	}
	w.ok(rows.Err())
}

func (w *walk) passwordHashes() []string {
	w.t.Helper()
	rows, err := w.db.QueryContext(w.t.Context(), `SELECT password_hash FROM users`)
	w.ok(err)
	defer func() { _ = rows.Close() }()
	var all []string
	for rows.Next() {
		var hash string
		w.ok(rows.Scan(&hash))
		all = append(all, hash)
	}
	w.ok(rows.Err())
	return all
}

// files are the database's own, where it has any.
func (w *walk) files() []string {
	path, ok := strings.CutPrefix(w.Database, "sqlite:")
	if !ok {
		return nil
	}
	found, err := filepath.Glob(path + "*")
	w.ok(err)
	return found
}

// The mail server's password is nowhere either, though logging in fails.
func TestSecretsOfMailServer(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		const password = "Sm7p-P@ss/w:rd?secret"
		mail := smtptest.New(t, smtptest.StartTLS(), smtptest.Credentials("user", password))
		w := &walk{site: openSite(t, d), secrets: map[string]string{"the mail server's password": password}}
		w.environ = append(w.environ, "SIGNUP_SMTP_PASSWORD="+password)
		w.startWith("--smtp", mail.URL(), "--log-level", "debug")
		w.wantStatus(w.post("/api/v1/sign-up/request", w.person("ada")), 201)
		w.Eventually("an attempt", func() bool { return w.seenMails("ada")[0].Attempts > 0 })
		if m := w.seenMails("ada")[0]; m.State != "trying" || !strings.Contains(m.LastAnswer, "TLS") {
			t.Errorf("the mail's record: %+v", m)
		}
		shown := w.shownToAdmins() + w.shownConfig("--smtp", mail.URL())
		w.Stop()
		w.notIn("the log", w.Stderr.String())
		w.notIn("what administrators are shown", shown)
		w.notIn("the tables", w.dump())
	})
}
