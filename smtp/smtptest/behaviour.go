package smtptest

import (
	"slices"
	"strings"
	"time"
)

// A Step is a point of the conversation where the server can misbehave.
type Step string

// The steps, in their order.
const (
	Connect      Step = "connect" // in place of the greeting
	Hello        Step = "hello"
	StartTLSStep Step = "starttls"
	Auth         Step = "auth"
	Mail         Step = "mail"
	Rcpt         Step = "rcpt"
	Data         Step = "data"     // the command
	Body         Step = "body"     // the whole letter is in, no answer yet
	Accepted     Step = "accepted" // the letter is accepted and the answer is out
	Reset        Step = "reset"
	Quit         Step = "quit"
)

// A Rule is one way to misbehave. Make it with ReplyAt, HangAt, DropAt or
// TrickleAt and narrow it with For and Times.
type Rule struct {
	at        Step
	reply     string
	hang      bool
	drop      bool
	trickle   time.Duration
	recipient string
	times     int // left; negative for ever
}

// Accept is the behaviour of a server in good health.
func Accept() []Rule { return nil }

// ReplyAt sends a reply such as "550 5.1.1 no such user" in place of the usual
// one. A reply below 400 counts as consent.
func ReplyAt(at Step, reply string) Rule { return Rule{at: at, reply: reply, times: -1} }

// HangAt never speaks again on the connection and keeps it open.
func HangAt(at Step) Rule { return Rule{at: at, hang: true, times: -1} }

// DropAt closes the connection without a word. At Body, the letter is among
// Unanswered; at Accepted, among Messages.
func DropAt(at Step) Rule { return Rule{at: at, drop: true, times: -1} }

// TrickleAt sends one byte per interval and never comes to an end.
func TrickleAt(at Step, interval time.Duration) Rule {
	return Rule{at: at, trickle: interval, times: -1}
}

// For narrows the rule to conversations with this recipient. It has a meaning
// from Rcpt on.
func (r Rule) For(recipient string) Rule {
	r.recipient = recipient
	return r
}

// Times makes the rule hold n times only.
func (r Rule) Times(n int) Rule {
	r.times = n
	return r
}

// SetBehaviour replaces all rules, for open connections too. At each step the
// first rule that fits holds.
func (s *Server) SetBehaviour(rules ...Rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = nil
	for _, r := range rules {
		s.rules = append(s.rules, &r)
	}
}

// rule returns the rule that holds now, and counts it as used.
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
