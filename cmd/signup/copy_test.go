package main

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/internal/tables"
	"github.com/signup-go/signup/outbox"
	"github.com/signup-go/signup/postgres/pgtest"
	"github.com/signup-go/signup/smtp/smtptest"
	"github.com/signup-go/signup/web"
	"github.com/signup-go/signup/webhook"
)

// TestCopy moves a database that has seen life from SQLite to PostgreSQL and
// back, compares all of it, and serves both copies on.
func TestCopy(t *testing.T) {
	mail := smtptest.New(t)
	mail.SetBehaviour(smtptest.ReplyAt(smtptest.Rcpt, "451 4.2.1 later").For("owed@example.org"))
	old := startProduction(t, mail)
	link := liveALittle(t, old, mail)
	old.Stop()
	makeAwkwardRows(t, old.Database)

	there, back := pgtest.NewEmpty(t), "sqlite:"+filepath.Join(t.TempDir(), "back.db")
	moveAll(t, old.Database, there)
	moveAll(t, there, back)
	before := rowsOf(t, old.Database)
	for where, got := range map[string]map[string][][]any{"PostgreSQL": rowsOf(t, there), "SQLite again": rowsOf(t, back)} {
		if diff := gocmp.Diff(before, got); diff != "" {
			t.Errorf("%s is not what was moved there (-before +after):\n%s", where, diff)
		}
	}
	for _, table := range tables.All() {
		if len(before[table.Name]) == 0 {
			t.Errorf("there was nothing in %s to compare", table.Name)
		}
	}
	for _, where := range []string{there, back} {
		servesOn(t, where, old.Key, link)
	}
	refusesWhatIsThere(t, old, there)
}

// liveALittle returns a link that was mailed.
func liveALittle(t *testing.T, s *server, mail *smtptest.Server) string {
	t.Helper()
	for _, name := range []string{"ada", "owed"} {
		if status := s.SignUp(name); status != 201 {
			t.Fatalf("sign-up of %s: status %d", name, status)
		}
	}
	again := map[string]any{"name": "Ada", "username": "ada2", "email": "ADA@example.org", "password": "Passw0rd!ada"}
	s.Expect(201, "POST", "/api/v1/sign-up/request", again, nil) // another sign-up with the address
	s.Run("user", "create-admin", "--username", "boss", "--email", "boss@example.org")
	s.Run("settings", "set", "token_lifetime=48h")
	s.Run("key", "create", "--name", "old")
	s.Run("key", "revoke", "old")
	s.Eventually("a first attempt at owed@example.org", func() bool {
		return strings.Contains(s.Stderr.String(), "mail not sent yet")
	})
	return tokenOf(t, mail.WaitForTo(t, "ada@example.org").Plain())
}

// makeAwkwardRows makes rows with what is easily lost on the way.
func makeAwkwardRows(t *testing.T, where string) {
	t.Helper()
	db := openCopy(t, where)
	at := time.Date(1969, 12, 31, 23, 59, 59, 999e6, time.UTC)
	err := db.store.Update(t.Context(), func(tx signup.Tx) error {
		u, err := tx.CreateUser(t.Context(), signup.User{
			Name: "Ünï\u2028<&> 😀\n", Username: "Awkward", UsernameKey: "awkward", Email: "a'\"%_@example.org", EmailKey: "a'\"%_@example.org",
			Language: "zh-Hant", Role: signup.RoleMember, Origin: signup.OriginOperator, CreatedAt: at, VerifiedAt: at,
			Profile: map[string]any{
				"z": json.Number("12345678901234567890.123456789"), "aa": "<\u2028>", "b": []any{nil, true, map[string]any{"y": 1.5, "x": ""}},
			},
			RejectedAt: at, RejectedBy: "cli", RejectionReason: "no", RejectionNote: "\\N\t", Corrections: 3,
			UndeliverableAt: at, RemindedAt: at, NoticedAt: at, NoticesOff: true,
			TermsVersion: "2026\u00a0β", TermsAt: at, LinkAskedAt: at,
		})
		if err != nil {
			return err
		}
		err = tx.PutTicket(t.Context(), signup.Ticket{
			Hash: "hash", UserID: u.ID, Resends: 2, AskedAt: at, CreatedAt: at, ExpiresAt: at,
		})
		if err != nil {
			return err
		}
		err = tx.CreateAccountToken(t.Context(), signup.AccountToken{
			Hash: "hash", UserID: u.ID, Purpose: signup.MailPasswordReset, EmailKey: u.EmailKey, CreatedAt: at, ExpiresAt: at, UsedAt: at,
		})
		if err != nil {
			return err
		}
		if err := tx.AddAddressMail(t.Context(), "hash", at); err != nil {
			return err
		}
		if err := addAwkwardHook(t, tx.(webhook.Tx), at); err != nil {
			return err
		}
		last, err := tx.CreateUser(t.Context(), signup.User{
			UsernameKey: "last", EmailKey: "last", Role: signup.RoleMember, Origin: signup.OriginSignUp, CreatedAt: at,
		})
		if err != nil {
			return err
		}
		if err := tx.UpdateUser(t.Context(), u); err != nil { // version 2
			return err
		}
		return tx.DeleteUser(t.Context(), last.ID) // whose id must not come again
	})
	if err != nil {
		t.Fatal(err)
	}
}

func addAwkwardHook(t *testing.T, tx webhook.Tx, at time.Time) error {
	hook, err := tx.CreateWebHook(t.Context(), webhook.Hook{
		Name: "app", URL: "https://app.example/\"'\\", Types: []event.Type{event.Active, event.Removed}, Secret: webhook.StoredSecret("whsec_new"),
		OldSecret: webhook.StoredSecret("whsec_old"), OldSecretEndsAt: at, Declared: true, Position: 7, CreatedAt: at, DisabledAt: at, DisabledWhy: "\\N",
	})
	if err != nil {
		return err
	}
	return tx.AddDelivery(t.Context(), webhook.Delivery{
		HookID: hook.ID, Position: 5, UserID: 3, Type: event.Active, CreatedAt: at, Attempts: 2, TryingSince: at, LastAttemptAt: at,
		NextAttemptAt: at, LastAnswer: "500",
	})
}

func openCopy(t *testing.T, where string) *database {
	t.Helper()
	db, err := openDatabase(t.Context(), where, outbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.close() })
	return db
}

func moveAll(t *testing.T, from, to string) {
	t.Helper()
	code, stdout, stderr := runProgram(t, nil, "copy", "--from", from, "--to", to)
	if code != exitOK || !strings.Contains(stdout, "users") {
		t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
	}
}

// rowsOf is all that is in a database, and what numbers it has given out.
func rowsOf(t *testing.T, where string) map[string][][]any {
	t.Helper()
	all := map[string][][]any{}
	err := openCopy(t, where).store.(mover).Export(t.Context(), func(table string, values []any) error {
		all[table] = append(all[table], values)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, rows := range all { // by text, databases sort differently
		slices.SortFunc(rows, func(a, b []any) int {
			if text, ok := a[0].(string); ok {
				return cmp.Compare(text, b[0].(string))
			}
			return cmp.Compare(a[0].(int64), b[0].(int64))
		})
	}
	return all
}

// servesOn finds the key, the link and the mail owed at work after the move.
func servesOn(t *testing.T, where, key, token string) {
	t.Helper()
	mail := smtptest.New(t)
	s := newServer(t)
	s.Database, s.Key = where, key
	s.start("--base-url", "https://signup.test", "--mail-from", "Test <noreply@signup.test>", "--smtp", mail.URL())
	defer s.Stop()
	s.Expect(200, "POST", "/api/v1/sign-up/confirm", map[string]string{"token": token}, nil)
	if got := s.Status("ada"); got != string(signup.StatusPendingApproval) {
		t.Errorf("ada is %s", got)
	}
	s.Expect(200, "POST", "/api/v1/sign-up/confirm", map[string]string{
		"token": tokenOf(t, mail.WaitForTo(t, "owed@example.org").Plain()),
	}, nil)
	last := rowsOf(t, where)["counters"]
	if status := s.SignUp("new"); status != 201 {
		t.Fatalf("sign-up: status %d", status)
	}
	var u web.User
	if err := json.Unmarshal([]byte(s.Run("user", "show", "new", "--json")), &u); err != nil {
		t.Fatal(err)
	}
	for _, counter := range last {
		if counter[0] == "users" && counter[1] != u.ID-1 {
			t.Errorf("the new user's number is %d, the last one before was %d", u.ID, counter[1])
		}
	}
}

// refusesWhatIsThere tries to copy over a database that is in use.
func refusesWhatIsThere(t *testing.T, old *server, there string) {
	t.Helper()
	code, _, stderr := old.CLI("copy", "--from", old.Database, "--to", there)
	if code != exitUsage || !strings.Contains(stderr, "not empty") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

// TestCopyIsAllOrNothing lets the source break off in its last table.
func TestCopyIsAllOrNothing(t *testing.T) {
	for name, where := range map[string]string{
		"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "to.db"), "postgres": pgtest.New(t),
	} {
		t.Run(name, func(t *testing.T) {
			db := openCopy(t, where)
			if err := db.prepare(t.Context(), false); err != nil {
				t.Fatal(err)
			}
			into := db.store.(mover)
			setting := func(row func(string, []any) error) error { return row("settings", []any{"a", "b"}) }
			err := into.Import(t.Context(), func(row func(string, []any) error) error {
				if err := setting(row); err != nil {
					return err
				}
				return row("audit_events", []any{int64(1), time.Now(), "cli", "a", int64(0), "not JSON", int64(0)})
			})
			if err == nil {
				t.Fatal("no error for a row that cannot be stored")
			}
			if err := into.Import(t.Context(), setting); err != nil { // the first left nothing
				t.Error(err)
			}
		})
	}
}

// TestTablesAreComplete looks for columns that nobody would move. Sessions stay
// behind: administrators sign in anew.
func TestTablesAreComplete(t *testing.T) {
	listed := map[string][]string{}
	for _, table := range tables.All() {
		for _, c := range table.Columns {
			listed[table.Name] = append(listed[table.Name], c.Name)
		}
	}
	path := filepath.Join(t.TempDir(), "new.db")
	for make, found := range map[string]map[string][]string{
		"SQLite": columnsOf(t, "sqlite", path, `SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
			WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' ORDER BY c.cid`),
		"PostgreSQL": columnsOf(t, "pgx", pgtest.New(t), `SELECT table_name, column_name FROM information_schema.columns
			WHERE table_schema = 'public' AND is_generated = 'NEVER'
				AND (table_name, column_name) != ('address_mails', 'id') -- numbers its rows, and nothing refers to it
			ORDER BY ordinal_position`),
	} {
		for table := range found {
			if strings.HasPrefix(table, "river_") || slices.Contains([]string{"signup_migrations", "signup_queue", "rate_limits", "sessions", "link_requests"}, table) {
				delete(found, table)
			}
		}
		if diff := gocmp.Diff(listed, found); diff != "" {
			t.Errorf("%s (-listed +found):\n%s", make, diff)
		}
	}
}

func columnsOf(t *testing.T, driver, where, query string) map[string][]string {
	t.Helper()
	if driver == "sqlite" {
		if err := openCopy(t, "sqlite:"+where).migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	db, err := sql.Open(driver, where)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	found := map[string][]string{}
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		found[table] = append(found[table], column)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}
