package db_test

import (
	"database/sql"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
)

// Steps that may go through a whole table or sort, by query. Everything else
// must find its rows by an index, and in order.
func allowed() map[string][]string {
	return map[string][]string{
		"Settings":    {"SCAN settings"},  // a dozen rows
		"WebHooks":    {"SCAN web_hooks"}, // a few rows
		"DueWebHooks": {"SCAN h"},
		"APIKeys":     {"SCAN api_keys", "USE TEMP B-TREE FOR ORDER BY"},
		"CountUsers":  {"SCAN users"}, // with Search, which may scan
		"CountAdmins": {"SCAN users USING INDEX users_admins"},
		"Lapsed":      {"SCAN unconfirmed", "SCAN rejected"},
		"AddressUses": {"SCAN json_each"}, // the keys asked for
		"UsersByID":   {"SCAN json_each"}, // the users asked for
		"EventsAfter": {"SCAN json_each"}, // the types asked for

		"LastEvent":        {"SCAN n USING COVERING INDEX audit_events_unnumbered"},
		"UnnumberedEvents": {"SCAN audit_events USING COVERING INDEX audit_events_unnumbered"},

		"CountNoticed":     {"SCAN noticed"}, // no more than asked for
		"Waiting":          {"SCAN users USING INDEX users_unnoticed", "SCAN link_requests"},
		"TakeUnnoticed":    {"SCAN u USING INDEX users_unnoticed"},
		"TakeLinkRequests": {"SCAN r USING COVERING INDEX link_requests_at"},
	}
}

func TestPlans(t *testing.T) {
	conn := schema(t)
	for name, query := range queries(t) {
		t.Run(name, func(t *testing.T) {
			for _, step := range plan(t, conn, query) {
				bad := strings.HasPrefix(step, "SCAN") && step != "SCAN CONSTANT ROW" || strings.HasPrefix(step, "USE TEMP B-TREE")
				ok := slices.ContainsFunc(allowed()[name], func(s string) bool { return strings.HasPrefix(step, s) })
				if bad && !ok {
					t.Error(step)
				}
				t.Log(step)
			}
		})
	}
}

// What reads a queue must walk the queue's own index, not all users.
func TestPlansOfQueues(t *testing.T) {
	conn, all := schema(t), queries(t)
	for name, indexes := range map[string][]string{
		"UserByEmailKey":    {"users_verified_email"},
		"UserByUsernameKey": {"users_username", "users_rejected_username"},
		"Taken":             {"users_username", "users_verified_email"},
		"AddressUses":       {"users_email"},
		"Lapsed":            {"users_status", "users_rejected"},
		"Unreminded":        {"users_unreminded", "users_email"},
		"Waiting":           {"users_unnoticed", "link_requests_at"},
		"TakeUnnoticed":     {"users_unnoticed"},
		"TakeLinkRequests":  {"link_requests_at"},
		"CountNoticed":      {"users_noticed"},
		"DeleteTickets":     {"tickets_user"},
		"SpendTokensAt":     {"sign_up_tokens_email"},
		"SupersedeLinksAt":  {"mails_user", "users_email"},

		"Admins":                    {"users_admins"},
		"AdminsOldestFirst":         {"users_admins"},
		"CountAdmins":               {"users_admins"},
		"UsersByStatus":             {"users_status"},
		"UsersByStatusOldestFirst":  {"users_status"},
		"CountUsersByStatus":        {"users_status"},
		"UsersByAddress":            {"users_email"},
		"UsersByAddressOldestFirst": {"users_email"},
		"CountUsersByAddress":       {"users_email"},

		"MailsByState":          {"mails_state"},
		"MailsByUser":           {"mails_user"},
		"MailAttempts":          {"mail_attempts_mail"},
		"AddressMails":          {"address_mails_address"},
		"Sessions":              {"sessions_user"},
		"CountEvents":           {"audit_events_action"},
		"AuditByUser":           {"audit_events_user"},
		"EventsAfter":           {"audit_events_position"},
		"LastEvent":             {"audit_events_position", "audit_events_unnumbered"},
		"UnnumberedEvents":      {"audit_events_unnumbered"},
		"DeleteOldTokens":       {"sign_up_tokens_expires"},
		"DeleteOldTickets":      {"tickets_expires"},
		"DeleteOldSessions":     {"sessions_expires"},
		"DeleteOldMails":        {"mails_ended"},
		"DeleteOldAddressMails": {"address_mails_due"},
	} {
		if all[name] == "" {
			t.Errorf("no query is called %s", name)
			continue
		}
		steps := strings.Join(plan(t, conn, all[name]), "\n")
		for _, index := range indexes {
			if !strings.Contains(steps, "INDEX "+index) {
				t.Errorf("%s does not use %s:\n%s", name, index, steps)
			}
		}
	}
}

func schema(t *testing.T) *sql.DB {
	t.Helper()
	conn, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "plan.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	files, err := filepath.Glob("../../migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no migrations", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(string(text)); err != nil {
			t.Fatal(name, err)
		}
	}
	return conn
}

// queries are the SQL constants in the files that sqlc wrote.
func queries(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.sql.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no queries", err)
	}
	found := map[string]string{}
	header := regexp.MustCompile(`(?m)^-- name: (\w+) `)
	for _, name := range files {
		file, err := parser.ParseFile(gotoken.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == gotoken.STRING {
				text, _ := strconv.Unquote(lit.Value)
				if m := header.FindStringSubmatch(text); m != nil {
					found[m[1]] = text
				}
			}
			return true
		})
	}
	return found
}

func plan(t *testing.T, conn *sql.DB, query string) (steps []string) {
	t.Helper()
	rows, err := conn.Query("EXPLAIN QUERY PLAN "+query, make([]any, parameters(query))...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}

// parameters counts ?1, ?2, ... or else plain question marks.
func parameters(query string) (n int) {
	for _, m := range regexp.MustCompile(`\?(\d+)`).FindAllStringSubmatch(query, -1) {
		i, _ := strconv.Atoi(m[1])
		n = max(n, i)
	}
	if n == 0 {
		n = strings.Count(query, "?")
	}
	return n
}
