package main

import (
	"bufio"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup/web"
)

const expressApp = "../../examples/express"

// expressWorld is the program signup and, behind a proxy that counts the requests, the
// application examples/express.
type expressWorld struct {
	*server
	app     string // where the application is
	members string // its file

	mu   sync.Mutex
	seen []string // requests of the application
}

func startExpressWorld(t *testing.T, people int, args ...string) *expressWorld {
	t.Helper()
	if _, err := os.Stat(filepath.Join(expressApp, "node_modules")); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("npm ci in examples/express is missing")
		}
		t.Skip("npm ci in examples/express is missing")
	}
	w := &expressWorld{server: newServer(t), members: filepath.Join(t.TempDir(), "members.json")}
	w.Run("migrate")
	w.Run("settings", "set", "signup_require_email_verification=false")
	w.Run("settings", "set", "signup_require_admin_approval=true")
	if people > 0 {
		w.importPeople(people)
	}
	w.Stdout, w.Stderr = &buffer{}, &buffer{}
	p := startProcess(t, w.environ, append(args, "--dev", "--database", w.Database, "--listen", "127.0.0.1:0", "--log-format", "json")...)
	w.URL, w.Key = p.url(), strings.TrimSpace(w.Run("key", "create", "--name", "test"))
	return w
}

// importPeople makes active users.
func (w *expressWorld) importPeople(n int) {
	w.t.Helper()
	var csv strings.Builder
	csv.WriteString("username,name,email,password_hash\n")
	for i := range n {
		fmt.Fprintf(&csv, "p%d,P,p%d@example.org,%s\n", i, i, bcryptOfAda)
	}
	file := filepath.Join(w.t.TempDir(), "people.csv")
	if err := os.WriteFile(file, []byte(csv.String()), 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.Run("user", "import", file)
}

// startApp starts the application with a key that may read and check passwords, and waits
// until it listens. It ends with the function that is returned, or with the test.
func (w *expressWorld) startApp(environ ...string) (stop func()) {
	w.t.Helper()
	there, err := url.Parse(w.URL)
	if err != nil {
		w.t.Fatal(err)
	}
	forward := httputil.NewSingleHostReverseProxy(there)
	forward.ErrorLog = log.New(io.Discard, "", 0) // the application goes away while it waits
	proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.seen = append(w.seen, r.Method+" "+r.URL.String())
		w.mu.Unlock()
		forward.ServeHTTP(rw, r)
	}))
	key := strings.TrimSpace(w.Run("key", "create", "--name", rand.Text(), "--scopes", "read,check-password"))
	cmd := exec.Command("node", "server.js")
	cmd.Dir, cmd.Stderr = expressApp, w.Stderr
	cmd.Env = append(os.Environ(), append(environ, "PORT=0", "SIGNUP_URL="+proxy.URL, "SIGNUP_KEY="+key, "MEMBERS_FILE="+w.members)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		proxy.CloseClientConnections()
		proxy.Close()
	})
	w.t.Cleanup(stop)
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		w.t.Fatalf("the application does not start:\n%s", w.Stderr)
	}
	w.app = "http://127.0.0.1:" + strings.TrimPrefix(lines.Text(), "listening on ")
	w.Eventually("the list of members", func() bool { _, err := os.Stat(w.members); return err == nil })
	return stop
}

// requests returns the requests of the application since the last call.
func (w *expressWorld) requests() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen := w.seen
	w.seen = nil
	return seen
}

// waits returns the request with which the application waits for events, once all events
// that there are were read.
func (w *expressWorld) waits() (request string) {
	w.t.Helper()
	var end web.Events
	w.Expect(http.StatusOK, "GET", "/api/v1/events?after=latest", nil, &end)
	w.Eventually("the application to wait", func() bool {
		for _, request = range w.requests() {
			if strings.Contains(request, "after="+end.Next+"&") && strings.Contains(request, "wait=30s") {
				return true
			}
		}
		return false
	})
	return request
}

// A visitor is a browser at the application.
type visitor struct {
	*http.Client
	w *expressWorld
}

func (w *expressWorld) visitor() visitor {
	jar, _ := cookiejar.New(nil)
	return visitor{&http.Client{Jar: jar}, w}
}

// logIn tries to log in and returns the status and the text of the page that follows.
func (v visitor) logIn(name string) (status int, page string) {
	v.w.t.Helper()
	return v.read(v.PostForm(v.w.app+"/log-in", url.Values{"login": {name}, "password": {"Passw0rd!" + name}}))
}

func (v visitor) home() (status int, page string) {
	v.w.t.Helper()
	return v.read(v.Get(v.w.app + "/"))
}

func (v visitor) read(resp *http.Response, err error) (status int, page string) {
	v.w.t.Helper()
	if err != nil {
		v.w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		v.w.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// isIn reports whether the application greets the visitor.
func (v visitor) isIn() bool {
	v.w.t.Helper()
	status, _ := v.home()
	return status == http.StatusOK
}

func (w *expressWorld) wants(name string, gotStatus int, gotPage string, status int, page string) {
	w.t.Helper()
	if gotStatus != status || !strings.Contains(gotPage, page) {
		w.t.Fatalf("%s: %d %q, want %d %q; the application says\n%s", name, gotStatus, gotPage, status, page, w.Stderr)
	}
}

// Somebody signs up, is approved, logs in to the application, and is out when an
// administrator removes them. The application goes on where it was when it starts again.
func TestExpress(t *testing.T) {
	t.Parallel()
	w := startExpressWorld(t, 0)
	stop := w.startApp()
	w.SignUp("ada")
	ada := w.visitor()
	refuses := func() {
		t.Helper()
		status, page := ada.logIn("ada")
		w.wants("ada", status, page, 403, "could not be logged in")
	}
	refuses()
	w.Run("user", "approve", "ada")
	w.Eventually("ada to be in", func() bool { _, _ = ada.logIn("ada"); return ada.isIn() })
	status, page := ada.home()
	w.wants("ada", status, page, 200, "Hello ada\n")
	status, page = w.visitor().logIn("nobody")
	w.wants("nobody", status, page, 403, "could not be logged in")

	last := w.waits()
	stop()
	w.SignUp("bob")
	w.Run("user", "approve", "bob")
	w.requests()
	w.startApp()
	bob := w.visitor()
	w.Eventually("bob to be in", func() bool { _, _ = bob.logIn("bob"); return bob.isIn() })
	if seen := w.requests(); !slices.Contains(seen, last) || slices.ContainsFunc(seen, func(r string) bool { return strings.Contains(r, "/users") }) {
		t.Errorf("the application does not go on with %s: %q", last, seen)
	}
	w.Run("user", "remove", "bob")
	w.Eventually("bob to be out", func() bool { return !bob.isIn() })
}

// What the application asks for because of one newcomer does not depend on how many
// people it has.
func TestExpressWithManyMembers(t *testing.T) {
	t.Parallel()
	w := startExpressWorld(t, manyMembers)
	w.startApp()
	w.SignUp("ada")
	ada := w.visitor()
	_, _ = ada.logIn("ada")
	w.waits()
	began := time.Now()
	w.Run("user", "approve", "ada")
	w.Eventually("ada to be in", func() bool { _, _ = ada.logIn("ada"); return ada.isIn() })
	t.Logf("ada was in after %s", time.Since(began))
	asked := 0
	for _, r := range w.requests() {
		if strings.HasPrefix(r, "GET ") {
			asked++
		}
	}
	if asked > 3 {
		t.Errorf("the application asked %d times", asked)
	}
}

// signup tells the application by a web hook, which asks only once a minute then.
func TestExpressIsTold(t *testing.T) {
	t.Parallel()
	w := startExpressWorld(t, 0, "--web-hook-allow", "127.0.0.1")
	secret := w.Run("hook", "add", "app", "http://127.0.0.1:1/hooks", "--types", "user.active,user.removed", "--web-hook-allow", "127.0.0.1")
	w.startApp("SIGNUP_HOOK_SECRET=" + strings.TrimSpace(secret))
	w.Run("hook", "change", "app", "--url", w.app+"/hooks", "--web-hook-allow", "127.0.0.1")
	w.SignUp("ada")
	ada := w.visitor()
	began := time.Now()
	w.Run("user", "approve", "ada")
	w.Eventually("ada to be in", func() bool { _, _ = ada.logIn("ada"); return ada.isIn() })
	t.Logf("ada was in after %s", time.Since(began))
	w.Run("user", "remove", "ada")
	w.Eventually("ada to be out", func() bool { return !ada.isIn() })
}

// With hooks the application asks only when one comes that is signed with its secret.
func TestExpressHooks(t *testing.T) {
	t.Parallel()
	w := startExpressWorld(t, 0)
	secret := make([]byte, 32)
	_, _ = rand.Read(secret)
	w.startApp("SIGNUP_HOOK_SECRET=whsec_" + base64.StdEncoding.EncodeToString(secret))
	w.SignUp("ada")
	w.Run("user", "approve", "ada")
	ada := w.visitor()
	const body = `{"type":"user.active","timestamp":"2026-12-01T12:47:37.017Z","data":{"user_id":2}}`
	if status := w.hook([]byte("another secret"), time.Now(), body); status != http.StatusUnauthorized {
		t.Errorf("status %d for a forged hook", status)
	}
	if status := w.hook(secret, time.Now().Add(-time.Hour), body); status != http.StatusUnauthorized {
		t.Errorf("status %d for an old hook", status)
	}
	if _, _ = ada.logIn("ada"); ada.isIn() {
		t.Error("ada is in without a hook")
	}
	for range 2 { // hooks can come twice
		if status := w.hook(secret, time.Now(), body); status != http.StatusNoContent {
			t.Errorf("status %d; the application says\n%s", status, w.Stderr)
		}
	}
	status, page := ada.logIn("ada")
	w.wants("ada", status, page, 200, "Hello ada\n")
}

// hook sends a web hook as Standard Webhooks has it and returns the status.
func (w *expressWorld) hook(secret []byte, at time.Time, body string) int {
	w.t.Helper()
	seconds := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("msg_1." + seconds + "." + body))
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.app+"/hooks", strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("webhook-id", "msg_1")
	r.Header.Set("webhook-timestamp", seconds)
	r.Header.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}
