// Package web is everything HTTP: the JSON API, the pages a person meets, and
// the inbox that stands in for a mail server while developing.
//
// Start with [New]. It decides nothing: every rule is in package signup, and
// every answer to a refusal is looked up in one table (see problem.go).
package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/field"
	"github.com/signup-go/signup/identity"
	"github.com/signup-go/signup/webhook"
)

// Config is what the HTTP face needs. Service and BaseURL are required.
type Config struct {
	Service *signup.Service

	// BaseURL is where people reach the server. It may carry a path: every
	// route is served with and without it, so a proxy may strip it or not, and a
	// program may mount the handler under it: for https://app.example/account,
	// mux.Handle("/account/", handler). Below it the handler answers for
	// everything, /login, /admin and /docs included. The Host header of a request
	// is never used to make a URL.
	BaseURL *url.URL

	AppName  string // shown on the pages; "" is "signup"
	LoginURL string // where a person logs in, http(s) or a path; "" shows no link
	Version  string // shown in the API's document

	ImprintURL, PrivacyURL string // linked from every page, like LoginURL; "" for none

	// TermsURL is where the terms of use are. It is required where the Service
	// has a TermsVersion, because the form then has a box to tick.
	TermsURL string

	Logo   []byte // an image that stands beside AppName: PNG, JPEG, WebP or SVG
	Accent string // colour of buttons and links, such as #0a7d4f; "" is ours

	// Admin reports whether a request comes from an administrator of the program
	// that the handler is mounted in, and as whom they act, such as "host:ada". The
	// pages under /admin then let in exactly these, and there is no sign-in, sign-out
	// or account page of ours; who is nobody is led to LoginURL. Nil: administrators
	// sign in at /login.
	Admin func(*http.Request) (by signup.Actor, ok bool)

	// Pages replaces templates and style sheets of ours by name; see
	// docs/pages.md. Nil replaces none.
	Pages fs.FS

	// Languages are the tags (BCP 47) that a person can choose from on the
	// sign-up page, in this order. Without any, the browser's language is taken.
	Languages []string

	// CORSOrigins are the sites whose scripts may use the public calls of the API
	// (sign up, confirm, resend, status, reset a password, public settings), such as
	// https://app.example.org; see CheckOrigin. Without any, no other site's may.
	CORSOrigins []string

	// PublicSettings are constants that GET /api/v1/public/server_settings answers
	// besides its own members, for clients that look for more there. See
	// CheckPublicSettings.
	PublicSettings map[string]any

	Limiter Limiter       // nil: nobody is limited
	Client  ClientAddress // whom the limiter counts; nil: PeerAddress(nil)

	// TrustsPeer reports whether a request comes from a trusted proxy, whose
	// X-Request-Id is then kept; see TrustedPeer. Nil trusts nobody.
	TrustsPeer func(*http.Request) bool

	// WebHooks are those of the Service, and TestWebHook sends a test to one, such as
	// the method of a dispatch.Dispatcher. Without both, the API has no web hooks.
	WebHooks    *webhook.Hooks
	TestWebHook func(context.Context, webhook.Hook) (webhook.Answer, error)

	Log     *slog.Logger // nil: nothing is logged
	Inbox   *Inbox       // nil: there is no /dev/inbox
	Gallery *Gallery     // nil: there is no /dev/letters

	// TestMail sends a test mail at once; nil: there is no mail.
	TestMail func(ctx context.Context, address string) error
	Queue    http.Handler    // of /admin/queue under the path of BaseURL; nil: there is no such page
	Done     <-chan struct{} // closed when answers that go on and on must end; nil: never

	Now func() time.Time // nil: time.Now
}

// New makes the handler of the whole server. It fails when the configuration
// is incomplete.
func New(c Config) (http.Handler, error) {
	c, err := c.complete()
	if err != nil {
		return nil, err
	}
	s, err := newServer(c)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	s.routeAPI(mux)
	s.routePages(mux)
	s.routeAdmin(mux)
	if c.Queue != nil {
		s.routeQueue(mux)
	}
	s.routeProbes(mux)
	s.assets.route(mux)
	if c.Inbox != nil {
		s.routeInbox(mux)
	}
	if c.Gallery != nil {
		s.routeGallery(mux)
	}
	return s.around(s.shareWith(c.CORSOrigins, s.dispatch(mux))), nil
}

// complete fills in what may be left out and refuses what may not.
func (c Config) complete() (Config, error) {
	if c.Service == nil {
		return c, errors.New("web: Config.Service is missing")
	}
	if c.BaseURL == nil || c.BaseURL.Host == "" || !isWeb(c.BaseURL) {
		return c, errors.New("web: Config.BaseURL must be an absolute http or https URL")
	}
	login, err := url.Parse(c.LoginURL)
	if err != nil || login.Scheme != "" && !isWeb(login) {
		return c, errors.New("web: Config.LoginURL must be an http or https URL or a path")
	}
	for _, tag := range c.Languages {
		if usual, refused := identity.ParseLanguage(tag); refused != nil || usual != tag {
			return c, fmt.Errorf("web: Config.Languages: %q is not a language tag in its usual spelling", tag)
		}
	}
	for _, origin := range c.CORSOrigins {
		if err := CheckOrigin(origin); err != nil {
			return c, fmt.Errorf("web: Config.CORSOrigins: %q: %w", origin, err)
		}
	}
	if err := CheckPublicSettings(c.PublicSettings); err != nil {
		return c, fmt.Errorf("web: Config.PublicSettings: %w", err)
	}
	if (c.WebHooks == nil) != (c.TestWebHook == nil) {
		return c, errors.New("web: Config.WebHooks and Config.TestWebHook belong together")
	}
	if err := c.checkBrand(); err != nil {
		return c, err
	}
	if c.AppName == "" {
		c.AppName = "signup"
	}
	if c.Version == "" {
		c.Version = "dev"
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Client == nil {
		c.Client = PeerAddress(nil)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c, nil
}

func isWeb(u *url.URL) bool { return u.Scheme == "http" || u.Scheme == "https" }

// A server holds what the handlers share.
type server struct {
	Config
	base       string // path of the base URL without a slash at the end, "" for none
	assets     assets
	ownPages   map[string][]byte // the operator's templates, by file
	pages      *pages
	adminPages *adminPages
	guard      *http.CrossOriginProtection
	feed       feed
	emptyForms emptyForms

	// What the Service asks of a sign-up.
	Fields       field.List
	TermsVersion string

	questions []question      // Fields
	languages []languageName  // Languages
	matcher   languageMatcher // Languages
}

func newServer(c Config) (*server, error) {
	fields, terms := c.Service.Asks()
	s := &server{
		Config: c, base: basePath(c.BaseURL), Fields: fields, TermsVersion: terms,
		questions: questionsOf(fields), languages: each(c.Languages, nameOfLanguage), matcher: newLanguageMatcher(c.Languages),
	}
	s.feed.read = s.readEvents
	s.guard = http.NewCrossOriginProtection()
	if err := s.guard.AddTrustedOrigin(c.BaseURL.Scheme + "://" + c.BaseURL.Host); err != nil {
		return nil, fmt.Errorf("web: base URL: %w", err)
	}
	var err error
	if s.assets, err = embeddedAssets(); err != nil {
		return nil, err
	}
	s.assets = maps.Clone(s.assets)
	s.brand()
	if err := s.takeOwn(); err != nil {
		return nil, err
	}
	if s.pages, err = s.newPages(); err != nil {
		return nil, err
	}
	if s.adminPages, err = newAdminPages(s); err != nil {
		return nil, err
	}
	return s, s.checkOwn()
}

// basePath is the path of u with a slash in front and none at the end; "" for none.
func basePath(u *url.URL) string {
	path := strings.Trim(u.EscapedPath(), "/")
	if path == "" {
		return ""
	}
	return "/" + path
}
