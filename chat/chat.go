// Package chat sends notices to chats and push services through shoutrrr
// (https://shoutrrr.nickfedor.com), which supports ntfy, Gotify, Slack, Discord,
// Matrix, Telegram and others. Give New a Config and call Sender.Send.
package chat

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"github.com/signup-go/signup"
)

// Config is the configuration of one chat.
type Config struct {
	URL     string        // a shoutrrr URL; contains secrets
	Timeout time.Duration // for one message; 0 means 30s
}

// String returns only the service, so that printing never reveals the URL.
func (c Config) String() string { return serviceOf(c.URL) + "://..." }

// GoString returns String, for %#v.
func (c Config) GoString() string { return c.String() }

// A Sender sends to one chat. It is safe for concurrent use and sends one message
// at a time.
type Sender struct {
	url     string
	timeout time.Duration
	turn    chan struct{} // holds one element while a message is being sent
	service types.Service // reused between messages, because some services log in; nil if there is none
	api     string        // of Telegram
}

// New returns a Sender. It fails if the URL is invalid; the error repeats only
// the service's name. It makes no connection.
func New(c Config) (*Sender, error) {
	service := serviceOf(c.URL)
	if _, err := (&router.ServiceRouter{}).NewService(service); err != nil || slices.Contains(unfit, service) {
		return nil, errors.New("a chat must be given by a URL of shoutrrr, such as ntfy://ntfy.sh/topic or gotify://host/token")
	}
	if c.Timeout == 0 {
		c.Timeout = 30 * time.Second
	}
	s := &Sender{url: c.URL, timeout: c.Timeout, turn: make(chan struct{}, 1), api: telegramAPI}
	if service == "matrix" { // opening it would log in, so only check the host
		if u, err := url.Parse(c.URL); err != nil || u.Host == "" {
			return nil, badURL(service)
		}
		return s, nil
	}
	var err error
	if s.service, err = s.open(); err != nil {
		return nil, badURL(service)
	}
	return s, nil
}

// unfit are services that are not chats: one writes to the log, and
// administrators get mail anyway.
var unfit = []string{"logger", "smtp"}

func badURL(service string) error {
	return fmt.Errorf("the URL is not one of %s, as https://shoutrrr.nickfedor.com describes them", service)
}

// serviceOf returns the scheme of the URL: "generic" for "generic+https://...".
func serviceOf(rawURL string) string {
	scheme, _, _ := strings.Cut(rawURL, "://")
	service, _, _ := strings.Cut(strings.ToLower(scheme), "+")
	if !serviceName.MatchString(service) {
		return ""
	}
	return service
}

var serviceName = regexp.MustCompile(`^[a-z]{1,20}$`)

// Service returns the kind of chat, such as "ntfy".
func (s *Sender) Service() string { return serviceOf(s.url) }

// open makes the service, which may connect to it.
func (s *Sender) open() (types.Service, error) { return (&router.ServiceRouter{}).Locate(s.url) }

// turnTimeout is how long a message waits for earlier ones: a chat that hangs
// must not block senders to other chats.
const turnTimeout = 5 * time.Second

// Send sends the letter's subject and plain text to the chat. It returns nil once
// the service has accepted them, and otherwise an *Error; retrying may help.
func (s *Sender) Send(ctx context.Context, l signup.Letter) error {
	if err := s.takeTurn(ctx); err != nil {
		return s.fault(err)
	}
	defer func() { <-s.turn }()
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	service := s.service
	s.service = nil // after a failure, the next message starts afresh
	done := make(chan result, 1)
	go func() { done <- s.deliver(ctx, service, l) }()
	select {
	case r := <-done:
		if r.err != nil {
			return s.fault(r.err)
		}
		s.service = r.service
		return nil
	case <-ctx.Done(): // most services cannot be interrupted
		return s.fault(ctx.Err())
	}
}

func (s *Sender) takeTurn(ctx context.Context) error {
	timer := time.NewTimer(turnTimeout)
	defer timer.Stop()
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-timer.C:
		return errors.New("still busy with an earlier notice")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A result is the outcome of an attempt.
type result struct {
	service types.Service
	err     error
}

func (s *Sender) deliver(ctx context.Context, service types.Service, l signup.Letter) (r result) {
	defer func() {
		if v := recover(); v != nil {
			r = result{err: fmt.Errorf("the shoutrrr service panicked: %v", v)}
		}
	}()
	if service == nil {
		var err error
		if service, err = s.open(); err != nil {
			return result{err: err}
		}
	}
	text, params := message(l, s.Service())
	if t, ok := service.(telegramService); ok {
		return result{service, s.sendTelegram(ctx, t.GetConfig(), text)}
	}
	return result{service, service.Send(text, &params)}
}

// titled are the services that show a title, either their own or one that
// shoutrrr makes.
var titled = []string{"bark", "gotify", "pushbullet", "pushover"}

func message(l signup.Letter, service string) (string, types.Params) {
	subject, text := inert(l.Subject), strings.TrimSpace(inert(l.Plain))
	if slices.Contains(titled, service) {
		return text, types.Params{types.TitleKey: subject}
	}
	return subject + "\n" + text, types.Params{}
}

// inert prevents user input from mentioning everybody in a chat: a name can be
// "@everyone", or "<!channel>" in Slack. It does not change addresses.
func inert(s string) string {
	s = strings.NewReplacer("<", "‹", ">", "›").Replace(s)
	return mention.ReplaceAllStringFunc(s, func(m string) string { return "@\u200b" + m[1:] })
}

var mention = regexp.MustCompile(`(?i)\B@|@(everyone|here|channel|all|room)`)
