package smtptest

import (
	"slices"
	"strings"
	"time"
)

// A Step is a point of the conversation at which the server can misbehave.
type Step string

// The steps, in order.
const (
	Connect      Step = "connect" // instead of the greeting
	Hello        Step = "hello"
	StartTLSStep Step = "starttls"
	Auth         Step = "auth"
	Mail         Step = "mail"
	Rcpt         Step = "rcpt"
	Data         Step = "data"     // the command
	Body         Step = "body"     // the whole letter has been received but not yet answered
	Accepted     Step = "accepted" // the letter has been accepted and the reply sent
	Reset        Step = "reset"
	Quit         Step = "quit"
)

// A Rule is a kind of misbehaviour. Make one with ReplyAt, HangAt, DropAt or
// TrickleAt, and narrow it with For and Times.
type Rule struct {
	at        Step
	reply     string
	hang      bool
	drop      bool
	trickle   time.Duration
	recipient string
	times     int // how many times are left; negative means unlimited
}

// Accept returns the rules of a server that works correctly: none.
func Accept() []Rule { return nil }

// ReplyAt sends a reply such as "550 5.1.1 no such user" instead of the usual
// one. A reply below 400 is positive.
func ReplyAt(at Step, reply string) Rule { return Rule{at: at, reply: reply, times: -1} }

// HangAt never responds again and keeps the connection open.
func HangAt(at Step) Rule { return Rule{at: at, hang: true, times: -1} }

// DropAt closes the connection without a reply. At Body, the letter is in
// Unanswered; at Accepted, it is in Messages.
func DropAt(at Step) Rule { return Rule{at: at, drop: true, times: -1} }

// TrickleAt sends one byte per interval, without end.
func TrickleAt(at Step, interval time.Duration) Rule {
	return Rule{at: at, trickle: interval, times: -1}
}

// For limits the rule to conversations with this recipient. It takes effect from
// Rcpt on.
func (r Rule) For(recipient string) Rule {
	r.recipient = recipient
	return r
}

// Times limits the rule to its first n uses.
func (r Rule) Times(n int) Rule {
	r.times = n
	return r
}

// SetBehaviour replaces all rules, also for open connections. At each step the
// first matching rule applies.
func (s *Server) SetBehaviour(rules ...Rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = nil
	for _, r := range rules {
		s.rules = append(s.rules, &r)
	}
}

// rule returns the rule that applies now, and counts its use.
func (s *Server) rule(at Step, recipients []string) (Rule, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rules {
		if r.at == at && r.times != 0 && r.concerns(recipients) {
			r.times--
			return *r, true
		}
	}
	return Rule{}, false
}

func (r *Rule) concerns(recipients []string) bool {
	return r.recipient == "" || slices.ContainsFunc(recipients, func(to string) bool {
		return strings.EqualFold(to, r.recipient)
	})
}
