package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/outbox"
	"github.com/signup-go/signup/web"
	"github.com/signup-go/signup/webhook"
	"github.com/signup-go/signup/webhook/dispatch"
)

type serveCmd struct {
	Dev bool `help:"Need no configuration: catch all mail at /dev/inbox and make a first administrator and API key. This machine only."`
}

func (serveCmd) Help() string {
	return `It serves the JSON API and the pages, sends the mails that are owed and cleans up. SIGINT or SIGTERM stops it gracefully; a second one exits immediately.

With --dev it uses the same database as without, unless --database names another. What --dev made there stays: serve without it warns of the administrator and the API key as long as they work.

Examples:

    signup serve --dev
    SIGNUP_SMTP_PASSWORD_FILE=/run/secrets/smtp signup serve --base-url https://signup.example.org --smtp smtp://signup@mail.example.org:587 --mail-from "Our App <noreply@example.org>"`
}

// Limits of a request and of a connection.
const (
	headerTimeout  = 10 * time.Second
	requestTimeout = 30 * time.Second
	answerTimeout  = time.Minute
	idleTimeout    = 2 * time.Minute
	maxHeader      = 32 << 10 // bytes
)

// Run serves until ctx ends.
func (c serveCmd) Run(ctx context.Context, s *session) error {
	if err := s.checkServe(c.Dev); err != nil {
		return err
	}
	in := &instance{session: s, dev: c.Dev, log: newLog(s.stderr, s.config.logFormat, s.config.logLevel)}
	if err := in.listen(ctx); err != nil {
		return err
	}
	defer func() { _ = in.listener.Close() }() // when it came to nothing; else closed already
	if err := in.setUpMail(); err != nil {
		return err
	}
	return in.run(ctx)
}

// checkServe refuses a configuration that cannot be meant.
func (s *session) checkServe(dev bool) error {
	if err := s.config.err(); err != nil {
		return err
	}
	if !dev {
		if err := s.config.readyToServe(); err != nil {
			return err
		}
	} else if !isLoopback(s.config.listen) {
		return usagef("--dev is for this machine only: %s must be a loopback address such as 127.0.0.1:8080", s.config.setting("listen").where)
	}
	if err := s.checkRules(); err != nil {
		return err
	}
	return s.config.checkPages()
}

func isLoopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// An instance is one run of serve, with all it is made of.
type instance struct {
	*session
	dev      bool
	log      *slog.Logger
	db       *database
	listener net.Listener

	svc       *signup.Service
	writer    signup.Writer // nil without mail
	languages []string      // of the letters; none without mail
	sender    outbox.Sender // nil without mail
	hooks     *webhook.Hooks
	sendHooks *dispatch.Dispatcher
	inbox     *web.Inbox   // with dev
	gallery   *web.Gallery // with dev
}

// listen binds the socket first, so that the base URL of --dev is known, and
// nothing else is touched when another program has the port.
func (s *instance) listen(ctx context.Context) (err error) {
	var lc net.ListenConfig
	if s.listener, err = lc.Listen(ctx, "tcp", s.config.listen); err != nil {
		return fmt.Errorf("cannot listen on %s: %w", s.config.listen, errors.Unwrap(err))
	}
	if s.config.baseURL == "" {
		s.config.baseURL = "http://" + s.listener.Addr().String()
	}
	return nil
}

// setUpMail decides who writes the mail and where it goes.
func (s *instance) setUpMail() (err error) {
	switch {
	case s.dev:
		s.config.chats = nil
		s.inbox = web.NewInbox(s.log)
		s.sender = s.inbox
	case s.config.noMail:
		return s.checkLetters()
	default:
		if s.sender, err = s.config.sender(); err != nil {
			return err
		}
	}
	words, err := s.letters(s.config.baseURL)
	if err != nil {
		return usageError{err}
	}
	s.writer, s.languages = words, words.Languages()
	if s.dev {
		s.gallery = &web.Gallery{Languages: s.languages, Letter: func(kind signup.MailKind, language string) (signup.Text, error) {
			return words.Write(sample(kind, language, s.config.baseURL))
		}}
	}
	return nil
}

// run opens the database and serves.
func (s *instance) run(ctx context.Context) (err error) {
	if s.db, err = s.open(ctx, openDatabase, s.log); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.db.close()) }()
	if s.svc, err = s.service(s.db, s.writer, s.config.baseURL, s.log, reaches(s.sender)); err != nil {
		return err
	}
	if err := s.setUpHooks(ctx); err != nil {
		return err
	}
	handler, err := s.handler(ctx)
	if err != nil {
		return err
	}
	s.reloadOnHangup(ctx)
	if err := s.greet(ctx); err != nil {
		return err
	}
	if err := s.db.queue.Start(ctx, s.svc, s.outlets()); err != nil {
		return err
	}
	s.sendHooks.Start(ctx)
	go s.watchRelay(ctx)
	return s.serve(ctx, handler)
}

func (s *instance) handler(ctx context.Context) (http.Handler, error) {
	base, err := url.Parse(s.config.baseURL)
	if err != nil {
		return nil, fmt.Errorf("base URL: %w", err)
	}
	limiter, err := newLimiter(s.config.rateLimit, s.db.limits)
	if err != nil {
		return nil, err
	}
	queue, err := s.db.pages(ctx, strings.TrimSuffix(base.Path, "/")+"/admin/queue")
	if err != nil {
		return nil, err
	}
	pages := s.config.pages
	return web.New(web.Config{
		Languages: s.languages, CORSOrigins: s.config.corsOrigins, PublicSettings: s.config.public,
		Limiter: limiter, Client: web.PeerAddress(s.config.trustedProxies), TrustsPeer: web.TrustedPeer(s.config.trustedProxies),
		Service: s.svc, BaseURL: base,
		AppName: s.config.appName, LoginURL: s.config.links.loginUnder(s.config.baseURL), Version: versionText(),
		ImprintURL: pages.under(s.config.baseURL, pages.imprint), PrivacyURL: pages.under(s.config.baseURL, pages.privacy),
		TermsURL: pages.under(s.config.baseURL, pages.terms), Pages: pages.files(),
		Logo: s.config.brand.logo, Accent: s.config.brand.accent,
		Log: s.log, Inbox: s.inbox, Gallery: s.gallery, WebHooks: s.hooks, TestWebHook: s.sendHooks.Test,
		TestMail: s.testMail(), Queue: queue, Done: ctx.Done(),
	})
}

// serve answers requests until ctx ends or the listener fails, then stops
// everything in order.
func (s *instance) serve(ctx context.Context, handler http.Handler) error {
	h := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout, ReadTimeout: requestTimeout, WriteTimeout: answerTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader,
		ErrorLog:       slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(s.listener) }()
	s.log.InfoContext(ctx, "listening", "address", s.listener.Addr().String(), "url", s.config.baseURL)
	if s.ready != nil {
		s.ready(s.listener.Addr().String())
	}
	select {
	case err := <-failed:
		return errors.Join(fmt.Errorf("serve: %w", err), s.stop(h))
	case <-ctx.Done():
		return s.stop(h)
	}
}

// stop lets requests, then mails under way, finish in the time there is.
func (s *instance) stop(h *http.Server) error {
	s.log.Info("shutting down; send the signal again to exit immediately", "at_most", s.config.shutdownTimeout.String())
	ctx, cancel := context.WithTimeout(context.Background(), s.config.shutdownTimeout)
	defer cancel()
	if err := h.Shutdown(ctx); err != nil {
		s.log.Warn("requests were cut off", "error", err)
		_ = h.Close()
	}
	s.sendHooks.Stop(ctx)
	if err := s.db.queue.Stop(ctx); err != nil {
		s.log.Warn("mails were cut off; they stay owed", "error", err)
	}
	closeSender(s.sender)
	s.log.Info("stopped")
	return nil
}
