package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/chat"
	"github.com/signup-go/signup/outbox"
)

const notifySetting = "notify"

// readNotify reads the chats' URLs, which hold no blanks.
func (c *config) readNotify(s string) error {
	if c.noMail {
		return errors.New("notices are sent by the mail queue, and smtp is none")
	}
	for i, rawURL := range strings.Fields(s) {
		sender, err := chat.New(chat.Config{URL: rawURL})
		if err != nil {
			return fmt.Errorf("chat %d: %w", i+1, err)
		}
		c.chats = append(c.chats, sender)
	}
	return nil
}

// chatName is what a mail that is owed calls its chat: its kind and its place
// among them, so that a new secret in the URL changes nothing.
func chatName(i int, c *chat.Sender) string { return fmt.Sprintf("%s-%d", c.Service(), i+1) }

func (c *config) chatNames() []string {
	var names []string
	for i, sender := range c.chats {
		names = append(names, chatName(i, sender))
	}
	return names
}

// maskedChats tells the kinds of chats. Some have their secret where other
// URLs have the host.
func maskedChats(value string) string {
	var shown []string
	for _, rawURL := range strings.Fields(value) {
		kind, _, ok := strings.Cut(rawURL, "://")
		if !ok {
			kind = "?"
		}
		shown = append(shown, kind+"://"+mask)
	}
	return strings.Join(shown, " ")
}

// outlets are where mails and notices go: the mail server, or a chat.
type outlets struct {
	mail  outbox.Sender
	chats map[string]*chat.Sender
}

// outlets returns nil without mail.
func (s *instance) outlets() outbox.Sender {
	if s.sender == nil {
		return nil
	}
	o := outlets{s.sender, map[string]*chat.Sender{}}
	for i, sender := range s.config.chats {
		o.chats[chatName(i, sender)] = sender
	}
	return o
}

// errNoChat is no reason to give up: another instance may know the chat.
var errNoChat = errors.New("this server has no such chat (see notify)")

// Send sends to the mail server or the chat.
func (o outlets) Send(ctx context.Context, l signup.Letter) error {
	_, err := o.Deliver(ctx, l)
	return err
}

// Deliver also returns the mail server's words; see outbox.Outbox.Start.
func (o outlets) Deliver(ctx context.Context, l signup.Letter) (answer string, err error) {
	if l.Channel != "" {
		sender, ok := o.chats[l.Channel]
		if !ok {
			return "", errNoChat
		}
		return "", sender.Send(ctx, l)
	}
	if d, ok := o.mail.(interface {
		Deliver(context.Context, signup.Letter) (string, error)
	}); ok {
		return d.Deliver(ctx, l)
	}
	return "", o.mail.Send(ctx, l)
}

// Turn is that of the mail server; see outbox.Outbox.Start.
func (o outlets) Turn() time.Duration {
	if paced, ok := o.mail.(interface{ Turn() time.Duration }); ok {
		return paced.Turn()
	}
	return 0
}

type mailTestChatsCmd struct{}

func (mailTestChatsCmd) Help() string {
	return `Examples:

    SIGNUP_NOTIFY_FILE=/run/secrets/chats signup mail test-chats`
}

// Run tries every chat, also after one that failed.
func (mailTestChatsCmd) Run(ctx context.Context, s *session) error {
	if err := s.config.err(); err != nil {
		return err
	}
	if len(s.config.chats) == 0 {
		return usagef("there is no chat: set --notify or %s", variableOf(notifySetting))
	}
	letter := signup.Letter{Text: signup.Text{
		Subject: "Test message of " + s.config.appName,
		Plain:   fmt.Sprintf("This is a test: %s can tell this chat of who waits for approval.\n", s.config.appName),
	}}
	var failed []error
	took := []string{}
	for i, sender := range s.config.chats {
		name := chatName(i, sender)
		if err := s.during(ctx, "talking to "+name, func() error { return sender.Send(ctx, letter) }); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", name, err))
			continue
		}
		took = append(took, name)
	}
	err := s.answer(map[string]any{"sent": took}, func(w io.Writer) {
		for _, name := range took {
			_, _ = fmt.Fprintf(w, "%s took the message.\n", name)
		}
	})
	return errors.Join(append(failed, err)...)
}
