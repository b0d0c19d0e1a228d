package web_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/signup-go/signup/field"
	"github.com/signup-go/signup/scope"
	"github.com/signup-go/signup/web"
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

// A description is the API's document, as far as tests read it.
type description struct {
	Paths      map[string]map[string]documentedOperation
	Components struct {
		Schemas map[string]struct {
			Properties map[string]struct {
				Description string
				Enum        []string
			}
		}
	}
}

type documentedOperation struct {
	Scope     string `json:"x-scope"`
	Responses map[string]struct {
		Description string
		Headers     map[string]struct{}
	}
}

// committed is the document in docs, which TestOpenAPIDocument holds to what is
// served.
var committed = sync.OnceValues(func() (d description, err error) {
	file, err := os.ReadFile("../docs/openapi.json")
	if err != nil {
		return d, err
	}
	return d, json.Unmarshal(file, &d)
})

// operation finds what is documented for a request.
func (d description) operation(r *http.Request) (path string, op documentedOperation, found bool) {
	for path, methods := range d.Paths {
		pattern := regexp.MustCompile("^" + regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(path, "[^/]+") + "$")
		if op, found := methods[strings.ToLower(r.Method)]; found && pattern.MatchString(r.URL.EscapedPath()) {
			return path, op, true
		}
	}
	return "", op, false
}

// wantsDocumented fails when the API's document does not say that an operation
// can answer so. Every answer of every test comes by here.
func wantsDocumented(t testing.TB, a answer) {
	t.Helper()
	d, err := committed()
	if err != nil {
		t.Fatal(err)
	}
	path, op, found := d.operation(a.Request)
	if !found {
		return
	}
	response, found := op.Responses[strconv.Itoa(a.StatusCode)]
	if !found {
		t.Errorf("%s %s answers %d, which is not documented: %s", a.Request.Method, a.Request.URL.Path, a.StatusCode, a.body)
		return
	}
	var p web.Problem
	if a.StatusCode >= 400 && json.Unmarshal([]byte(a.body), &p) == nil && !strings.Contains(response.Description, "`"+p.Code+"`") {
		t.Errorf("%s %s, %d: %s is not documented in %q", a.Request.Method, a.Request.URL.Path, a.StatusCode, p.Code, response.Description)
	}
	if _, found := response.Headers["Retry-After"]; !found && a.Header.Get("Retry-After") != "" {
		t.Errorf("%s %s, %d: Retry-After is not documented", a.Request.Method, a.Request.URL.Path, a.StatusCode)
	}
	if a.StatusCode != http.StatusNoContent {
		wantsSchema(t, path, a)
	}
}

// schemas compiles the schemas of the document in docs, each once.
var schemas struct {
	sync.Mutex
	compiler *jsonschema.Compiler
}

// wantsSchema fails unless a body is what the document says of this answer: with
// every member that is required and no other, and no null where it is not
// allowed.
func wantsSchema(t testing.TB, path string, a answer) {
	t.Helper()
	schemas.Lock()
	defer schemas.Unlock()
	if schemas.compiler == nil {
		schemas.compiler = jsonschema.NewCompiler()
	}
	escaped := strings.ReplaceAll(path, "/", "~1")
	mediaType, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
	schema, err := schemas.compiler.Compile(fmt.Sprintf("../docs/openapi.json#/paths/%s/%s/responses/%d/content/%s/schema",
		escaped, strings.ToLower(a.Request.Method), a.StatusCode, strings.ReplaceAll(mediaType, "/", "~1")))
	if err != nil {
		t.Fatal(err)
	}
	body, err := jsonschema.UnmarshalJSON(strings.NewReader(a.body))
	if err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	if err := schema.Validate(body); err != nil {
		t.Errorf("%s %s, %d: %v in %s", a.Request.Method, path, a.StatusCode, err, a.body)
	}
}

// No list can be null, and no optional member has a default: generators of clients
// make members with a default mandatory.
func TestDocumentSuitsGenerators(t *testing.T) {
	var d struct {
		Components struct {
			Schemas map[string]struct {
				Required   []string
				Properties map[string]map[string]any
			}
		}
	}
	start(t, withFields(field.List{{Name: "sports", Type: field.Choice, Choices: []string{"run"}}})).
		get("/openapi.json").wants(t, 200).decode(t, &d)
	lists := 0
	for name, schema := range d.Components.Schemas {
		for property, is := range schema.Properties {
			if types := fmt.Sprint(is["type"]); strings.Contains(types, "array") {
				lists++
				if types != "array" {
					t.Errorf("%s.%s is %s", name, property, types)
				}
			}
			if is["default"] != nil && !slices.Contains(schema.Required, property) {
				t.Errorf("%s.%s has a default and is optional", name, property)
			}
		}
	}
	if lists < 5 {
		t.Errorf("%d lists", lists)
	}
}

// What the document says to be limited is limited, and nothing else is.
func TestLimitsAreDocumented(t *testing.T) {
	w := start(t, func(s *setup) { s.web.Limiter = never{} })
	var d description
	w.get("/openapi.json").wants(t, 200).decode(t, &d)
	key := w.keyWith(scope.CheckPassword)
	limited := 0
	for path, methods := range d.Paths {
		for method, op := range methods {
			a := w.do(w.request(strings.ToUpper(method), strings.ReplaceAll(path, "{id}", "1"),
				`{"login": "ada", "password": "any"}`, "Content-Type", "application/json", "Authorization", "Bearer "+key))
			response, documented := op.Responses["429"]
			_, retryAfter := response.Headers["Retry-After"]
			if documented != (a.StatusCode == http.StatusTooManyRequests) {
				t.Errorf("%s %s answers %d; 429 documented: %t", method, path, a.StatusCode, documented)
			}
			if documented && (!retryAfter || !strings.Contains(response.Description, "`too_many_requests`")) {
				t.Errorf("%s %s: %+v", method, path, response)
			}
			if documented {
				limited++
			}
		}
	}
	if limited != 6 {
		t.Errorf("%d operations are limited", limited)
	}
}

// Every code that the source declares is in the document, with a sentence, and
// no other is.
func TestEveryCodeIsDocumented(t *testing.T) {
	var d description
	start(t).get("/openapi.json").wants(t, 200).decode(t, &d)
	code := d.Components.Schemas["Problem"].Properties["code"]
	declared := append(
		codesIn(t, "../refusal/*.go", func(spec *ast.ValueSpec) bool {
			is, ok := spec.Type.(*ast.Ident)
			return ok && is.Name == "Code"
		}),
		codesIn(t, "*.go", func(spec *ast.ValueSpec) bool { return strings.HasPrefix(spec.Names[0].Name, "code") })...)
	slices.Sort(declared)
	if !slices.Equal(code.Enum, declared) {
		t.Errorf("documented are\n%s, declared\n%s", code.Enum, declared)
	}
	for _, name := range declared {
		if !regexp.MustCompile("(?m)^\\* `" + name + "` \\([0-9]{3}\\): .{10}").MatchString(code.Description) {
			t.Errorf("%s has no sentence", name)
		}
	}
}

// codesIn are the values of the string constants that declare a code.
func codesIn(t *testing.T, glob string, declares func(*ast.ValueSpec) bool) []string {
	t.Helper()
	files, err := filepath.Glob(glob)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v", glob, err)
	}
	files = slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
	var codes []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || !declares(spec) || len(spec.Values) != 1 {
				return true
			}
			if text, ok := spec.Values[0].(*ast.BasicLit); ok && text.Kind == token.STRING {
				code, err := strconv.Unquote(text.Value)
				if err != nil {
					t.Fatal(err)
				}
				codes = append(codes, code)
			}
			return true
		})
	}
	return codes
}
