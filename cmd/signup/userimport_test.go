package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const bcryptOfAda = "$2b$05$abcdefghijklmnopqrstuuvJFPtAoiaUj7gtmoNW0Yrxmn/0H6YFi"

// imports runs a command with a database and a standard input.
type imports struct {
	t       *testing.T
	environ []string
}

func (i imports) run(want int, stdin string, args ...string) (stdout, stderr string) {
	i.t.Helper()
	var out, errs bytes.Buffer
	p := program{args: args, environ: i.environ, stdin: strings.NewReader(stdin), stdout: &out, stderr: &errs}
	if code := p.run(i.t.Context()); code != want {
		i.t.Fatalf("%v: exit code %d, want %d\n%s%s", args, code, want, out.String(), errs.String())
	}
	return out.String(), errs.String()
}

func (i imports) file(name, text string) string {
	i.t.Helper()
	path := filepath.Join(i.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		i.t.Fatal(err)
	}
	return path
}

func (i imports) wants(text string, parts ...string) {
	i.t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			i.t.Errorf("%q is not in\n%s", part, text)
		}
	}
}

func TestImport(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		fields := filepath.Join(t.TempDir(), "fields.yaml")
		if err := os.WriteFile(fields, []byte("fields:\n  - {name: height, type: integer, min: 1, max: 300, label: {en: Height}}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		i := imports{t, []string{"SIGNUP_DATABASE=" + d.where(t), "SIGNUP_CONFIG=" + fields, cheapPasswords}}
		i.run(exitOK, "", "migrate")

		csv := i.file("people.csv", "\ufeffusername,name,email,password_hash,height,preferred_language\r\n"+
			"ada,\"Lovelace, Ada\",ada@example.org,"+bcryptOfAda+",170,de\r\n"+
			"a b,Bob,bob@example.org,"+bcryptOfAda+",tall,\r\n"+
			"eve,Eve,eve@example.org,s3cret-plain,,\r\n")
		stdout, stderr := i.run(exitRefused, "", "user", "import", csv, "--dry-run")
		i.wants(stdout, "Could import 1 of 3.", "line 3, a b: ", "height: ", "line 4, eve: password_hash: ")
		i.wants(stderr, "2 of 3 people were refused")
		if strings.Contains(stdout+stderr, "s3cret") {
			t.Error("a hash is shown")
		}
		i.run(exitNotFound, "", "user", "show", "ada")
		stdout, _ = i.run(exitRefused, "", "user", "import", csv)
		i.wants(stdout, "Imported 1 of 3.")
		stdout, _ = i.run(exitOK, "", "user", "show", "ada", "--json")
		i.wants(stdout, `"status": "active"`, `"name": "Lovelace, Ada"`, `"height": 170`, `"preferred_language": "de"`)

		stdout, _ = i.run(exitRefused, "", "--json", "user", "import", csv)
		var report importReport
		if err := json.Unmarshal([]byte(stdout), &report); err != nil || report.Imported != 0 || len(report.Refused) != 3 || report.Refused[0].Line != 2 {
			t.Errorf("%v: %s", err, stdout)
		}

		stdout, _ = i.run(exitOK, "", "user", "remove", "ada")
		i.wants(stdout, "Removed ada (id ")
		i.run(exitNotFound, "", "user", "remove", "ada")
		i.run(exitRefused, "", "user", "import", csv)

		// What was exported is imported elsewhere.
		public, _ := i.run(exitOK, "", "user", "export")
		if strings.Contains(public, "2b$05") {
			t.Error("the hash is exported unasked")
		}
		exported, _ := i.run(exitOK, "", "user", "export", "--password-hashes")
		other := imports{t, []string{"SIGNUP_DATABASE=" + d.where(t), "SIGNUP_CONFIG=" + fields, cheapPasswords}}
		other.run(exitOK, "", "migrate")
		stdout, _ = other.run(exitOK, exported, "user", "import", "-")
		other.wants(stdout, "Imported 1 of 1.")
		if again, _ := other.run(exitOK, "", "user", "export", "--password-hashes"); again != exported {
			t.Errorf("exported again:\n%s\nwant\n%s", again, exported)
		}
	})
}

// A mistake in the file stores nobody, and the message shows nothing of the line.
func TestImportSyntax(t *testing.T) {
	i := imports{t, []string{"SIGNUP_DATABASE=sqlite:" + filepath.Join(t.TempDir(), "signup.db"), cheapPasswords}}
	i.run(exitOK, "", "migrate")
	good := fmt.Sprintf(`{"name":"Ada","username":"ada","email":"ada@example.org","password_hash":%q}`, bcryptOfAda) + "\n"
	for _, c := range []struct{ file, text, want string }{
		{"-", good + `{"name":"geheim"` + "\n", "line 2 must be one JSON object"},
		{"-", good + "\n" + `{"name":"Bob","password":"geheim"}`, "line 3 must be one JSON object"},
		{"-", strings.TrimSpace(good) + ` "geheim"`, "line 1 must be one JSON object"},
		{"people.txt", good, "must end in .jsonl or .csv"},
		{"people.csv", "username,password\nada,geheim\n", `the column "password"`},
		{"people.csv", "username,name\ngeheim\n", "line 2: wrong number of fields"},
		{"people.csv", "username\n\"geheim\n", "line 2: extraneous or missing"},
		{"people.csv", "", "the first line must name the columns"},
	} {
		path := c.file
		if path != "-" {
			path = i.file(c.file, c.text)
		}
		stdout, stderr := i.run(exitUsage, c.text, "user", "import", path)
		i.wants(stderr, c.want)
		if strings.Contains(stdout+stderr, "geheim") {
			t.Errorf("%s: a value is shown: %s", c.want, stderr)
		}
	}
	i.run(exitUsage, "", "user", "import", filepath.Join(t.TempDir(), "none.csv"))
	i.run(exitNotFound, "", "user", "show", "ada")
}
