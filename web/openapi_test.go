package web_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write the committed files anew")

// The API's document in docs is what a server serves.
func TestOpenAPIDocument(t *testing.T) {
	const path = "../docs/openapi.json"
	w := start(t)
	a := w.get("/openapi.json")
	if a.StatusCode != http.StatusOK {
		t.Fatalf("status %d", a.StatusCode)
	}
	var served bytes.Buffer
	if err := json.Indent(&served, []byte(a.body), "", "  "); err != nil {
		t.Fatal(err)
	}
	served.WriteByte('\n')
	if *update {
		if err := os.WriteFile(path, served.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(committed, served.Bytes()) {
		t.Error("docs/openapi.json is out of step: run make generate")
	}
}
