package web_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const (
	clientTools = "../tools/clients"
	apiDocument = "../../docs/openapi.json" // from there
)

// tool runs a command in tools/clients and fails the test with its output if it
// fails. It is skipped without npm ci there, but not in CI.
func tool(t *testing.T, command ...string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(clientTools, "node_modules")); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("npm ci in tools/clients is missing")
		}
		t.Skip("npm ci in tools/clients is missing")
	}
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Dir = clientTools
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", command, err, out)
	}
}

func npx(t *testing.T, program string, args ...string) {
	t.Helper()
	tool(t, append([]string{filepath.Join("node_modules", ".bin", program)}, args...)...)
}

func TestSpectral(t *testing.T) {
	npx(t, "spectral", "lint", "--fail-severity=hint", apiDocument)
}

// Clients generated from the committed document compile, and understand what a
// running server answers.
func TestClients(t *testing.T) {
	clients := map[string]func(t *testing.T) []string{
		"ogen": func(t *testing.T) []string {
			tool(t, "go", "tool", "ogen", "--config", "ogen.yml", "--target", "ogen/api", "--package", "api", "--clean", apiDocument)
			return []string{"go", "run", "./ogen"}
		},
		"oapi-codegen": func(t *testing.T) []string {
			if err := os.MkdirAll(filepath.Join(clientTools, "oapi", "api"), 0o755); err != nil {
				t.Fatal(err)
			}
			tool(t, "go", "tool", "oapi-codegen", "-generate", "types,client", "-package", "api", "-o", "oapi/api/api.gen.go", apiDocument)
			return []string{"go", "run", "./oapi"}
		},
		"openapi-typescript": func(t *testing.T) []string {
			npx(t, "openapi-typescript", apiDocument, "-o", "typescript/api.ts")
			npx(t, "tsc", "-p", "typescript")
			return []string{"node", "typescript/out/main.js"}
		},
	}
	for name, generate := range clients {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			w.require(true, true)
			tool(t, append(generate(t), w.url, w.admin())...)
		})
	}
}
