package postgres

import (
	"context"
	"strings"
	"testing"
)

func TestCheckRefusesUnusableServers(t *testing.T) {
	good := server{number: 14_00_00, version: "14.0", encoding: "UTF8", schema: "public"}
	if err := good.check(""); err != nil {
		t.Error(err)
	}
	for word, spoil := range map[string]func(*server){
		"14 or later": func(v *server) { v.number, v.version = 13_00_16, "13.16" },
		"LATIN1":      func(v *server) { v.encoding = "LATIN1" },
		"search_path": func(v *server) { v.schema = "" },
	} {
		v := good
		spoil(&v)
		if err := v.check(""); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%v, want %q", err, word)
		}
	}
}

func TestErrorsDoNotRevealThePassword(t *testing.T) {
	for _, url := range []string{"postgres://u:s3cret@h:port/db", "postgres://u:s3cret@h/db?pool_max_conns=x", "host=h password=s3cret port=x"} {
		_, err := Open(context.Background(), url, Options{})
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("Open: %v", err)
		}
	}
}
