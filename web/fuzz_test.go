package web_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/sqlite/sqlitetest"
	"github.com/signup-go/signup/web"
)

// marker stands in for a secret: no answer may hold it.
const marker = "qZx7marker"

// FuzzRequestBody: whatever is sent to sign up, the answer is no fault and
// holds no value that was sent.
func FuzzRequestBody(f *testing.F) {
	h := fuzzHandler(f)
	for _, seed := range []string{
		ada("password", marker), ada("name", []string{marker}), `{"name":"` + marker, `[` + marker + `]`, `{"email":"` + marker + `","email":1}`,
		`{"name":"\ud800` + marker + `"}`, "\xff" + marker, `{"height":"` + marker + `"}`, `{"a":{"b":["` + marker + `"]}}`, `1e400`, ``, `{`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) { fuzz(t, h, requestPath, body) })
}

// FuzzConfirmBody is the same for confirmations, with the token as a secret.
func FuzzConfirmBody(f *testing.F) {
	h := fuzzHandler(f)
	for _, seed := range []string{
		tokenBody(marker), tokenBody(marker + strings.Repeat("A", 33)), `{"token":["` + marker + `"]}`, `{"token":1e999}`, `{"token":"a","token":"` + marker + `"}`, `"` + marker + `"`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) { fuzz(t, h, confirmPath, body) })
}

func fuzzHandler(f *testing.F) http.Handler {
	svc, err := signup.New(sqlitetest.New(f), signup.Options{
		Letters: &post{}, Links: links,
		Hasher: password.NewHasher(password.Params{Memory: 64, Time: 1, Threads: 1}, 0, 0),
	})
	if err != nil {
		f.Fatal(err)
	}
	h, err := web.New(web.Config{Service: svc, BaseURL: &url.URL{Scheme: "https", Host: "a.example"}})
	if err != nil {
		f.Fatal(err)
	}
	return h
}

func fuzz(t *testing.T, h http.Handler, path, body string) {
	r := httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, r)
	if answer.Code >= 500 {
		t.Fatalf("%d: %s", answer.Code, answer.Body)
	}
	if !json.Valid(answer.Body.Bytes()) {
		t.Fatalf("no JSON: %s", answer.Body)
	}
	// A name that is not known is named; that the marker is one is the fuzzer's doing.
	for _, m := range values(body) {
		if strings.Contains(m, marker) && !strings.Contains(body, marker+`":`) && strings.Contains(answer.Body.String(), marker) {
			t.Fatalf("the value is in %s", answer.Body)
		}
	}
}

// values are the values of a body's members, or the body when it has none.
func values(body string) []string {
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(body), &members) != nil {
		return []string{body}
	}
	var out []string
	for _, v := range members {
		out = append(out, string(v))
	}
	return out
}
