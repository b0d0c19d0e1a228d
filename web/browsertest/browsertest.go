// Package browsertest drives a real browser through pages, for tests. Each
// Browser is a new one: no cookies, no cache.
package browsertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const (
	chromium = "/usr/bin/chromium"
	patience = 20 * time.Second
)

// A Browser is one window.
type Browser struct {
	testing.TB
	ctx context.Context

	mu       sync.Mutex
	requests []string
	bytes    int // of answers as they came over the wire
}

// Start starts a browser. Without one the test is skipped; where CI=true it
// fails instead.
func Start(t testing.TB) *Browser {
	t.Helper()
	need(t, chromium, "Debian's package chromium")
	allocator, cancel := chromedp.NewExecAllocator(t.Context(),
		chromedp.ExecPath(chromium), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.Headless, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.WindowSize(1280, 900))
	ctx, cancelTab := chromedp.NewContext(allocator)
	b := &Browser{TB: t, ctx: ctx}
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx)
		cancelTab()
		cancel()
	})
	b.must(chromedp.Do(ctx))
	b.must(chromedp.Listen(ctx, b.listen))
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	b.must(err)
	return b
}

// need skips the test when a file is not there, or fails it in CI.
func need(t testing.TB, path, from string) {
	t.Helper()
	if _, err := os.Stat(path); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing; it comes with %s", path, from)
	}
	t.Skipf("%s is missing; it comes with %s", path, from)
}

func (b *Browser) listen(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := ev.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *network.EventLoadingFinished:
		b.bytes += int(e.EncodedDataLength)
	}
}

func (b *Browser) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// within limits what a browser may take for one thing.
func (b *Browser) within(f func(context.Context) error) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	b.must(f(ctx))
}

// Open goes to an address and waits until the page is there.
func (b *Browser) Open(url string) {
	b.Helper()
	b.within(func(ctx context.Context) error { return chromedp.Do(ctx, chromedp.Navigate(url)) })
}

// Eval is the value of a script's expression, or of its promise.
func Eval[T any](b *Browser, script string) T {
	b.Helper()
	var out T
	b.within(func(ctx context.Context) (err error) {
		out, err = chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
		return err
	})
	return out
}

// Wait waits until an expression is true.
func (b *Browser) Wait(script string) {
	b.Helper()
	deadline := time.Now().Add(patience)
	for {
		var ok bool
		// A page that is being left has no answer.
		ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("Boolean("+script+")"))
		if err == nil && ok {
			return
		}
		if time.Now().After(deadline) {
			b.Fatalf("%s never came true (%v); the page is at %s:\n%s", script, err, b.Where(), b.Text())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// WaitText waits until the page shows a text.
func (b *Browser) WaitText(text string) {
	b.Helper()
	b.Wait("document.readyState === 'complete' && document.body.innerText.includes(" + quote(text) + ")")
}

// Text is what the page shows.
func (b *Browser) Text() string { b.Helper(); return Eval[string](b, "document.body.innerText") }

// Where is the address of the page.
func (b *Browser) Where() string { b.Helper(); return Eval[string](b, "location.href") }

// Focused is the id of the element that has the focus, else its text.
func (b *Browser) Focused() string {
	b.Helper()
	return Eval[string](b, "document.activeElement.id || document.activeElement.innerText || document.activeElement.tagName")
}

// Keys presses keys, as kb names them.
func (b *Browser) Keys(keys string) {
	b.Helper()
	b.within(func(ctx context.Context) error { return chromedp.Do(ctx, chromedp.KeyEvent(keys)) })
}

// TabTo presses Tab until the element with this id, or with this text, has the
// focus. It fails when the keyboard cannot reach it.
func (b *Browser) TabTo(what string) {
	b.Helper()
	for range 80 {
		b.Keys(kb.Tab)
		if b.Focused() == what {
			return
		}
	}
	b.Fatalf("the keyboard does not reach %q", what)
}

// Click clicks the first element that a CSS selector finds.
func (b *Browser) Click(selector string) {
	b.Helper()
	b.within(func(ctx context.Context) error { return chromedp.Do(ctx, chromedp.Click(chromedp.CSS(selector))) })
}

// Type types into the element that a CSS selector finds.
func (b *Browser) Type(selector, text string) {
	b.Helper()
	b.within(func(ctx context.Context) error {
		return chromedp.Do(ctx, chromedp.SendKeys(chromedp.CSS(selector), text))
	})
}

// WithoutScript keeps pages from running scripts; Eval still does.
func (b *Browser) WithoutScript() {
	b.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.must(err)
}

// Language sets what the browser asks for.
func (b *Browser) Language(tag string) {
	b.Helper()
	_, err := chromedp.Call(b.ctx, network.SetExtraHTTPHeaders,
		network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": tag}})
	b.must(err)
}

// Scheme is "light" or "dark".
func (b *Browser) Scheme(scheme string) {
	b.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	})
	b.must(err)
}

// Cookie gives the browser a cookie of the site at an address.
func (b *Browser) Cookie(url string, c *http.Cookie) {
	b.Helper()
	_, err := chromedp.Call(b.ctx, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: url, HTTPOnly: new(true)})
	b.must(err)
}

// Size sets the size of the page in CSS pixels.
func (b *Browser) Size(width, height int64) {
	b.Helper()
	b.within(func(ctx context.Context) error { return chromedp.Do(ctx, chromedp.EmulateViewport(width, height)) })
}

// Screenshot writes the whole page to a PNG file.
func (b *Browser) Screenshot(file string) {
	b.Helper()
	b.within(func(ctx context.Context) error {
		picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		return errors.Join(err, os.WriteFile(file, picture, 0o600))
	})
}

// Forget forgets the requests so far.
func (b *Browser) Forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests, b.bytes = nil, 0
}

// Traffic is what was asked for since Forget, and how many bytes came.
func (b *Browser) Traffic() (urls []string, bytes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.requests...), b.bytes
}

// tool is a file of tools/web, in which npm ci puts axe and html-validate.
func tool(name ...string) string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(append([]string{filepath.Dir(here), "..", "..", "tools", "web"}, name...)...)
}

// ValidateHTML has html-validate look at every file in a folder. Without it
// the test is skipped; where CI=true it fails instead.
func ValidateHTML(t testing.TB, dir string) {
	t.Helper()
	checker := tool("node_modules", ".bin", "html-validate")
	need(t, checker, "npm ci in tools/web")
	cmd := exec.CommandContext(t.Context(), checker, "--config", tool(".htmlvalidate.json"), dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// Axe fails the test for everything that axe finds wrong with the page (WCAG
// 2.2 AA and best practices). Without axe the test is skipped; where CI=true it
// fails instead.
func (b *Browser) Axe(page string) {
	b.Helper()
	axe := tool("node_modules", "axe-core", "axe.min.js")
	need(b, axe, "npm ci in tools/web")
	source, err := os.ReadFile(axe)
	b.must(err)
	const run = `axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations.map(v =>
		({id: v.id, help: v.help, nodes: v.nodes.map(n => n.html + " " + n.failureSummary)}))))`
	found := Eval[string](b, string(source)+";"+run)
	var violations []struct {
		ID, Help string
		Nodes    []string
	}
	b.must(json.Unmarshal([]byte(found), &violations))
	for _, v := range violations {
		b.Errorf("%s: %s: %s\n%s", page, v.ID, v.Help, strings.Join(v.Nodes, "\n"))
	}
}

// Overflow fails the test when the page is wider than the window.
func (b *Browser) Overflow(page string) {
	b.Helper()
	if over := Eval[int](b, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
		b.Errorf("%s: the page is %d pixels wider than the window", page, over)
	}
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Errorf("a string: %w", err))
	}
	return string(b)
}
