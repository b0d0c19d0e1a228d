package postgres_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/signup-go/signup/internal/upgradetest"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/postgres/pgtest"
)

// everySignUp is the migration that made every sign-up a row of the table users.
const everySignUp = 8

func TestUpgrade(t *testing.T) {
	t.Parallel()
	upgradetest.Run(t, func(t *testing.T) upgradetest.Database {
		s := open(t, pgtest.NewEmpty(t), postgres.Options{})
		conns := stdlib.OpenDBFromPool(s.Pool())
		defer func() { _ = conns.Close() }()
		p, err := goose.NewProvider(goose.DialectPostgres, conns, os.DirFS("migrations"), goose.WithDisableGlobalRegistry(true))
		if err == nil {
			_, err = p.UpTo(t.Context(), everySignUp-1)
		}
		if err != nil {
			t.Fatal(err)
		}
		return old(t, s)
	})
}

// Databases made by published versions, with their contents.
func TestUpgradeOfDatabases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/upgrade/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no databases", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			dump, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			at := pgtest.NewEmpty(t)
			run(t, outsider(t, at), string(dump))
			upgradetest.Load(t, old(t, open(t, at, postgres.Options{})), file)
		})
	}
}

func old(t *testing.T, s *postgres.Store) upgradetest.Database {
	return upgradetest.Database{
		Store:   s,
		Migrate: func() error { return s.Migrate(t.Context()) },
		Exec: func(query string, args ...any) error {
			for i := range args {
				query = strings.Replace(query, "?", fmt.Sprint("$", i+1), 1)
			}
			_, err := s.Pool().Exec(t.Context(), query, args...)
			return err
		},
		Count: func(query string) int {
			t.Helper()
			return count(t, s, query)
		},
		Overriding: "OVERRIDING SYSTEM VALUE",
		Given: func(id int64) error {
			const sequence = "pg_get_serial_sequence('users', 'id')"
			_, err := s.Pool().Exec(t.Context(), "SELECT setval("+sequence+", greatest($1, pg_sequence_last_value("+sequence+"::regclass)))", id)
			return err
		},
	}
}

// A published migration is never edited, because databases have already run it:
// add a new one.
func TestMigrationsAreFrozen(t *testing.T) {
	t.Parallel()
	upgradetest.Frozen(t, "migrations", map[string]string{
		"00001_init.sql":                 "4a2a3015fe0f63d2bce73d528f0b59637b19967bee32c11ba660940628eba32f",
		"00002_rate_limits.sql":          "f7225b1967973285d234d8332acbd8c47961388b7959c71cb721637f07e66a8a",
		"00003_post.sql":                 "111828626a8758ef1415ad75450788643b969e2314dfbf3ada92ae64d3cab088",
		"00004_sessions.sql":             "b38c69de36e3a9dd180bce064b207dcb41527174c95a57b8a122a7740bdc61a5",
		"00005_tickets.sql":              "043750a802ac5071ae85b3d6b7eee9dd81dd234030e142df6098c1ae4dcab28c",
		"00006_tokens_hot.sql":           "460a6a82210d614d0c3fcd435ed3a6e7c089f7f33eaa12739ca21c6faba2a4d6",
		"00007_strangers.sql":            "01ecc02cd3e531236ab600f156958767467aedcb9a8286797e53417e48fb85a7",
		"00008_every_sign_up_a_user.sql": "872a91d81dc7fa38c5f8c488df0fde624aa72dcec46c6f0047e542242fcb8936",
		"00009_tokens_of_addresses.sql":  "44b7a749ca7d4f6a47ff692c464a8e73acf2584764baefbf849ef4e0ba7b11d9",
		"00010_scopes.sql":               "06f049a613bcdbce7e0952a3db61c57617c507f4664c3571952a32f1ad0d8226",
		"00011_event_positions.sql":      "bb39d99877ee2d875adf63b0fa4099838de33a4960a5d9c113f6114f10dba783",
		"00012_web_hooks.sql":            "320546d11c7366a9f92e8a0f553d46e4ea29b42527d70195343846facdae27a3",
		"00013_disabled.sql":             "fe142ced8f6b77c119c767a9434d03ced825afdd72d07f902d93bbe70c6e656b",
		"00014_account_tokens.sql":       "6e1e6a5d4cf4b256b257feef97dbbc80065175acb7a20f43f22c451ce71bf4c8",
	})
}
