package db_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/signup-go/signup/postgres/pgtest"
)

// Steps that may go through a whole table or sort, by query. Everything else
// must find its rows by an index, and in order.
func allowed() map[string][]string {
	return map[string][]string{
		"Settings":   {"Seq Scan on settings"},         // a dozen rows
		"APIKeys":    {"Seq Scan on api_keys", "Sort"}, // few
		"CountUsers": {"Seq Scan on users"},            // with Search, which may scan
		"Lapsed":     {"Sort"},                         // a page
	}
}

// What reads a queue must walk the queue's own index, not all users.
func indexes() map[string][]string {
	return map[string][]string{
		"UserByEmailKey":    {"users_verified_email"},
		"UserByUsernameKey": {"users_username", "users_rejected_username"},
		"Taken":             {"users_username", "users_verified_email"},
		"AddressUses":       {"users_email"},
		"Lapsed":            {"users_status", "users_rejected"},
		"Unreminded":        {"users_unreminded", "users_email"},
		"Waiting":           {"users_unnoticed", "link_requests_once"},
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
		"Unnumbered":            {"audit_events_unnumbered"},
		"NumberEvents":          {"audit_events_position", "audit_events_unnumbered"},
		"DeleteOldTokens":       {"sign_up_tokens_expires", "sign_up_tokens_pkey"},
		"DeleteOldTickets":      {"tickets_expires", "tickets_pkey"},
		"DeleteOldSessions":     {"sessions_expires", "sessions_pkey"},
		"DeleteOldMails":        {"mails_ended"},
		"DeleteOldAddressMails": {"address_mails_due"},

		"SpendToken":            {"sign_up_tokens_token_hash_key"},
		"SessionByHash":         {"sessions_token_hash_key"},
		"Audit":                 {"audit_events_pkey"},
		"HoldUserByEmailKey":    {"users_verified_email"},
		"HeldUserByEmailKey":    {"users_verified_email"},
		"HoldUserByUsernameKey": {"users_username", "users_rejected_username"},
		"HeldUserByUsernameKey": {"users_username", "users_rejected_username"},
	}
}

func TestPlans(t *testing.T) {
	conn, all := connect(t), queries(t)
	for name := range indexes() {
		if all[name] == "" {
			t.Errorf("no query is called %s", name)
		}
	}
	for name, query := range all {
		t.Run(name, func(t *testing.T) {
			plan := explain(t, conn, name, query)
			t.Log(plan)
			for line := range strings.Lines(plan) {
				step := strings.Trim(line, " ->\n")
				bad := strings.HasPrefix(step, "Seq Scan") || strings.HasPrefix(step, "Sort")
				ok := slices.ContainsFunc(allowed()[name], func(s string) bool { return strings.HasPrefix(step, s) })
				if bad && !ok && !strings.HasPrefix(step, "Sort Key") {
					t.Error(step)
				}
			}
			for _, index := range indexes()[name] {
				if !strings.Contains(plan, " "+index+" ") {
					t.Errorf("does not use %s", index)
				}
			}
		})
	}
}

// connect makes the planner plan as for a table that is too large to scan, and
// for parameters that it does not know.
func connect(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), pgtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	_, err = conn.Exec(t.Context(), "SET enable_seqscan = off; SET enable_bitmapscan = off; SET plan_cache_mode = force_generic_plan")
	if err != nil {
		t.Fatal(err)
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

func explain(t *testing.T, conn *pgx.Conn, name, query string) string {
	t.Helper()
	if _, err := conn.Prepare(t.Context(), name, query); err != nil {
		t.Fatal(err)
	}
	execute := fmt.Sprintf("EXPLAIN (COSTS OFF) EXECUTE %q", name)
	if n := parameters(query); n > 0 {
		execute += "(" + strings.TrimSuffix(strings.Repeat("NULL, ", n), ", ") + ")"
	}
	rows, err := conn.Query(t.Context(), execute)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

func parameters(query string) (n int) {
	for _, m := range regexp.MustCompile(`\$(\d+)`).FindAllStringSubmatch(query, -1) {
		i, _ := strconv.Atoi(m[1])
		n = max(n, i)
	}
	return n
}
