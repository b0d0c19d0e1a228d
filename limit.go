package signup

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/signup-go/signup/delivery"
)

// A Limit allows N events in any period of length Per.
type Limit struct {
	N   int
	Per time.Duration
}

func defaultMailLimits() []Limit {
	return []Limit{{2, time.Minute}, {5, time.Hour}, {10, 24 * time.Hour}}
}

// takeTurn counts a mail to an address if Options.MailLimits allow one now;
// otherwise it returns how long to wait. This is the only place where mails that
// strangers can cause are counted: every such mail passes through it before it is
// written.
//
// A link mailed now must work at least until liveUntil, by which time the next
// mail to the address has arrived. So however many people ask for links, and
// whatever they do with their sign-ups, the mailbox has one that works.
func (s *Service) takeTurn(ctx context.Context, tx Tx, c counted) (wait time.Duration, liveUntil time.Time, err error) {
	now := s.now()
	if len(s.o.MailLimits) == 0 {
		return 0, now, nil
	}
	turns := turnsOf(c, s.o.MailLimits)
	// One at a time, or several would find the same room. The hash is no address,
	// and nothing is waited for after it, so this cannot deadlock.
	if err := tx.HoldAddress(ctx, turns[0].hash); err != nil {
		return 0, now, err
	}
	liveUntil = now
	for i := range turns {
		turn := &turns[i]
		if err := turn.read(ctx, tx, now); err != nil {
			return 0, now, err
		}
		wait = max(wait, allowedAt(turn.limits, turn.times, now).Sub(now))
		liveUntil = later(liveUntil, liveUntilNext(turn.limits, append([]time.Time{now}, turn.times...), now))
	}
	if wait > 0 {
		return wait, now, nil
	}
	for _, turn := range turns {
		err = errors.Join(err, tx.AddAddressMail(ctx, turn.hash, now))
	}
	return 0, liveUntil, err
}

// turnTaken returns liveUntil for a mail that is tried again, which has been
// counted already.
func (s *Service) turnTaken(ctx context.Context, tx Tx, c counted) (liveUntil time.Time, err error) {
	now := s.now()
	liveUntil = now
	for _, turn := range turnsOf(c, s.o.MailLimits) {
		if err := turn.read(ctx, tx, now); err != nil {
			return now, err
		}
		liveUntil = later(liveUntil, liveUntilNext(turn.limits, turn.times, now))
	}
	return liveUntil, nil
}

// undelivered is how many times the mail limits are given back at most, so that
// nobody can have a mail server tried without end.
const undelivered = 4

// giveBack gives back the turn that a mail took, because it ended undelivered.
// Otherwise strangers could use up what a mailbox may get while its server refuses
// mails for a time, by correcting their sign-ups between the attempts.
func (s *Service) giveBack(ctx context.Context, tx Tx, c counted, taken time.Time) error {
	if len(s.o.MailLimits) == 0 || taken.IsZero() {
		return nil
	}
	now := s.now()
	failed := turn{hash: hexSHA256(c.apart + "undelivered to " + limitKey(c.emailKey)), limits: slices.Clone(s.o.MailLimits)}
	for i := range failed.limits {
		failed.limits[i].N *= undelivered
	}
	if err := failed.read(ctx, tx, now); err != nil || allowedAt(failed.limits, failed.times, now).After(now) {
		return err
	}
	errs := []error{tx.AddAddressMail(ctx, failed.hash, now)}
	for _, turn := range turnsOf(c, s.o.MailLimits) {
		errs = append(errs, tx.RemoveAddressMail(ctx, turn.hash, taken))
	}
	return errors.Join(errs...)
}

// giveBackWaiting gives back the turns of the mails of one kind, or of all with "",
// about the user that failed and wait for another attempt, before they end. One
// that is being sent may arrive.
func (s *Service) giveBackWaiting(ctx context.Context, tx Tx, u User, kind MailKind) error {
	owed, err := tx.Mails(ctx, MailQuery{UserID: u.ID, Kind: kind, State: delivery.Owed})
	for _, m := range owed {
		if m.Kind.info().Limited && m.Attempts > 0 && m.NextAttemptAt.After(s.now()) {
			err = errors.Join(err, s.giveBack(ctx, tx, m.counted(u), m.TryingSince))
		}
	}
	return err
}

// A counted is what a mail counts towards: the address, and the group of kinds.
type counted struct{ apart, emailKey string }

func (m Mail) counted(u User) counted { return counted{m.Kind.info().apart, m.addressKey(u)} }

// A turn is one count of mails, and its limits.
type turn struct {
	hash   string // a hash, so that the count outlives the sign-up without storing the address
	limits []Limit
	times  []time.Time // latest first
}

// turnsOf returns what a mail to an address counts towards: the limits of its
// mailbox and, for a spelling other than the plain one, half of them besides.
// Anybody can make up any number of such spellings. They must not use up what the
// plain one may get, because only links to the plain one confirm it. Somebody who
// signs up with a spelling of their own can be kept waiting by others', unless the
// links to those confirm it as well; see sameMailbox.
func turnsOf(c counted, limits []Limit) []turn {
	plain := limitKey(c.emailKey)
	turns := []turn{{hash: hexSHA256(c.apart + plain), limits: limits}}
	if plain == c.emailKey {
		return turns
	}
	half := make([]Limit, len(limits))
	for i, l := range limits {
		half[i] = Limit{max(l.N/2, 1), l.Per}
	}
	return append(turns, turn{hash: hexSHA256(c.apart + "other spellings of " + plain), limits: half})
}

func (t *turn) read(ctx context.Context, tx Tx, now time.Time) error {
	times, err := tx.AddressMails(ctx, t.hash, 2*largestN(t.limits))
	t.times = pastOf(times, now)
	return err
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// liveUntilNext returns until when a link that is mailed now must work: the last
// of the mails at the times, latest first.
func liveUntilNext(limits []Limit, times []time.Time, now time.Time) time.Time {
	next := allowedAt(limits, times, now)
	if next.After(now) {
		next = next.Add(mailTakes)
	}
	return next
}

// mailTakes is a generous upper bound on how long a mail takes to arrive.
const mailTakes = 15 * time.Minute

// pastOf drops times in the future, which an instance with a fast clock may have
// stored: they must not block mails here. The times are latest first.
func pastOf(times []time.Time, now time.Time) []time.Time {
	for len(times) > 0 && times[0].After(now) {
		times = times[1:]
	}
	return times
}

// allowedAt returns when the limits allow one more event, now or later, given the
// times of past events, latest first.
func allowedAt(limits []Limit, times []time.Time, now time.Time) time.Time {
	for _, l := range limits {
		if len(times) < l.N {
			continue
		}
		now = later(now, times[l.N-1].Add(l.Per))
	}
	return now
}

// largestN returns the largest N: allowedAt needs no more times than that.
func largestN(limits []Limit) int {
	n := 0
	for _, l := range limits {
		n = max(n, l.N)
	}
	return n
}

// longest returns the longest period of the limits.
func longest(limits []Limit) time.Duration {
	var d time.Duration
	for _, l := range limits {
		d = max(d, l.Per)
	}
	return d
}

// limitKey returns the key under which limits count an address, because several
// addresses can reach one mailbox. It removes the sub-address (RFC 5233) and, for
// Gmail, the dots.
func limitKey(emailKey string) string {
	at := strings.LastIndexByte(emailKey, '@')
	local, domain := emailKey[:max(at, 0)], emailKey[at+1:]
	if plain, _, ok := strings.Cut(local, "+"); ok && plain != "" {
		local = plain
	}
	if atGmail(emailKey) {
		local, domain = strings.ReplaceAll(local, ".", ""), "gmail.com"
	}
	return local + "@" + domain
}

func atGmail(emailKey string) bool {
	return strings.HasSuffix(emailKey, "@gmail.com") || strings.HasSuffix(emailKey, "@googlemail.com")
}

// sameMailbox reports whether a link to one address proves who reads the other.
// Only Gmail is known to deliver every spelling to one mailbox
// (https://support.google.com/mail/answer/7436150); elsewhere a+b may be somebody
// else than a. Most people there spell their address with a dot, so that strangers'
// spellings could use up what all but the plain one may get.
func sameMailbox(a, b string) bool {
	return a == b || atGmail(a) && atGmail(b) && limitKey(a) == limitKey(b)
}
