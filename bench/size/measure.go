package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/bench/fill/crowd"
	"github.com/signup-go/signup/password"
)

const (
	callers = 8
	maxRate = 200 // per second, while the backlog is deleted: half sign-ups, half confirmations
)

// A measurement is one database of one size.
type measurement struct {
	ctx     context.Context
	store   store
	round   time.Duration
	svc     *signup.Service
	tokens  order        // of people who signed up at any time
	latest  order        // of those who signed up last, in order
	people  atomic.Int64 // number of people signed up
	backlog int
	deleted int
	rate    int // calls per second of the steady load
}

func (m *measurement) fill(rows int) (err error) {
	c := crowd.Crowd{Users: rows, Tokens: rows * 4 / 5, Expired: rows / 5, Now: time.Now().UTC()}
	c.Token = func(t signup.Token) error { m.tokens.list = append(m.tokens.list, t); return nil }
	m.backlog = c.Expired
	began := time.Now()
	if err := m.store.Import(m.ctx, c.Load); err != nil {
		return err
	}
	m.tokens.list, m.latest.list = split(m.tokens.list)
	fmt.Printf("%d users, %d tokens (%d rows in all, made in %s)\n", rows, c.Tokens+c.Expired, c.Rows(), time.Since(began).Round(time.Second))
	m.svc, err = signup.New(m.store, signup.Options{
		Hasher:     password.NewHasher(password.Params{Memory: 64, Time: 1, Threads: 1}, callers, 1000),
		Letters:    noLetters{},
		MailLimits: []signup.Limit{},
		Links: signup.Links{
			Confirm: func(signup.Token) string { return "" },
			Login:   func() string { return "" },
			Review:  func(signup.User) string { return "" },
		},
	})
	return err
}

// An order is a list of tokens in the order in which they are confirmed.
type order struct {
	list []signup.Token
	next atomic.Int64
}

// split shuffles all tokens except the last twentieth.
func split(all []signup.Token) (anyhow, latest []signup.Token) {
	n := len(all) * 19 / 20
	rand.Shuffle(n, func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:n], all[n:]
}

type noLetters struct{}

func (noLetters) Write(signup.Message) (signup.Text, error) { return signup.Text{}, nil }

func (m *measurement) lookUps() error {
	_, err := m.saturate("token look-up", func() error {
		_, err := m.svc.TokenByHash(m.ctx, m.tokens.list[rand.IntN(len(m.tokens.list))].Hash())
		return err
	})
	return err
}

// writes measures operations that write, and uses half their rate for the steady
// load: a rate that the machine cannot sustain would only measure queueing.
func (m *measurement) writes() error {
	if _, err := m.saturate("confirm, those who signed up last", func() error { return m.confirm(&m.latest) }); err != nil {
		return err
	}
	confirms, err := m.saturate("confirm, anybody", func() error { return m.confirm(&m.tokens) })
	if err != nil {
		return err
	}
	signUps, err := m.saturate("sign-up", m.signUp)
	m.rate = max(10, min(maxRate, int(confirms/2), int(signUps/2)))
	return err
}

var errNoMore = errors.New("no more tokens")

func (m *measurement) confirm(o *order) error {
	i := o.next.Add(1) - 1
	if i >= int64(len(o.list)) {
		return errNoMore
	}
	_, err := m.svc.Confirm(m.ctx, o.list[i].Reveal())
	return err
}

func (m *measurement) signUp() error {
	name := fmt.Sprintf("newcomer%d", m.people.Add(1))
	_, err := m.svc.SignUp(m.ctx, signup.Registration{Name: "New Comer", Username: name, Email: name + "@example.org", Password: "Passw0rd!bench"})
	return err
}

func (m *measurement) admin() signup.Admin { return m.svc.As(signup.ActorUser(1)) }

// adminPages measures the queries of the administrators' pages: the waiting users
// with their number and mails, and the newest users.
func (m *measurement) adminPages() error {
	if _, err := m.repeat(1, "queue page, alone", m.queuePage); err != nil {
		return err
	}
	_, err := m.repeat(1, "users page, alone", func() error {
		_, err := m.admin().List(m.ctx, signup.UserQuery{Limit: pageSize})
		return err
	})
	return err
}

const (
	pageSize = 26 // a page, and one more to see whether there is another page
	fewMails = 3  // number of mails per user, as on the page
)

func (m *measurement) queuePage() error {
	users, err := m.admin().List(m.ctx, signup.UserQuery{Status: signup.StatusPendingApproval, OldestFirst: true, Limit: pageSize})
	if err != nil {
		return err
	}
	for _, u := range users {
		if _, err := m.admin().Mails(m.ctx, signup.MailQuery{UserID: u.ID, Limit: fewMails}); err != nil {
			return err
		}
	}
	if _, err := m.admin().AddressUses(m.ctx, users...); err != nil {
		return err
	}
	_, err = m.admin().Count(m.ctx, signup.UserQuery{Status: signup.StatusPendingApproval})
	return err
}

// saturate makes a call repeatedly, from several goroutines, for one round.
func (m *measurement) saturate(what string, call func() error) (perSecond float64, err error) {
	return m.repeat(callers, what, call)
}

func (m *measurement) repeat(callers int, what string, call func() error) (perSecond float64, err error) {
	var times latencies
	var failed firstError
	began := time.Now()
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for time.Since(began) < m.round && !failed.is() {
				at := time.Now()
				if err := call(); errors.Is(err, errNoMore) {
					return
				} else if err != nil {
					failed.set(err)
				}
				times.add(time.Since(at))
			}
		})
	}
	all.Wait()
	perSecond = float64(times.count()) / time.Since(began).Seconds()
	fmt.Printf("  %-34s %8.0f/s   p50 %9s   p99 %9s\n", what, perSecond, times.quantile(0.5), times.quantile(0.99))
	return perSecond, failed.err
}

// deletion compares the latencies of a steady load before and while the backlog
// of expired tokens is deleted.
func (m *measurement) deletion() error {
	before, err := m.steadily(3*m.round, func() bool { return false })
	if err != nil {
		return err
	}
	var done atomic.Bool
	deleted := make(chan error, 1)
	began := time.Now()
	ctx, stop := context.WithCancel(m.ctx)
	defer stop()
	go func() {
		deleted <- m.deleteBacklog(ctx)
		done.Store(true)
	}()
	during, err := m.steadily(longest, done.Load)
	stop()
	if err := errors.Join(<-deleted, err); err != nil {
		return err
	}
	took := time.Since(began)
	fmt.Printf("  %-34s %8.0f/s   %d rows of %d in %s\n", "delete-expired", float64(m.deleted)/took.Seconds(), m.deleted, m.backlog, took.Round(10*time.Millisecond))
	m.tellRatio(before, during)
	return nil
}

func (m *measurement) deleteBacklog(ctx context.Context) (err error) {
	m.deleted, err = m.svc.Post().DeleteExpired(ctx)
	switch {
	case ctx.Err() != nil:
		return m.ctx.Err() // interrupted on purpose
	case err == nil && m.deleted != m.backlog:
		err = fmt.Errorf("deleted %d expired tokens of %d", m.deleted, m.backlog)
	}
	return err
}

// longest is how long the deletion of a backlog is measured before it is
// interrupted.
const longest = 5 * time.Minute

func (m *measurement) tellRatio(before, during *latencies) {
	const enough = 500 // calls for a p99
	what := fmt.Sprintf("%d calls/s during deletion", m.rate)
	if during.count() < enough {
		fmt.Printf("  %-34s too short to measure (%d calls)\n", what, during.count())
		return
	}
	a, b := before.quantile(0.99), during.quantile(0.99)
	fmt.Printf("  %-34s p99 %s before, %s while it ran (%d calls): ratio %.2f\n", what, a, b, during.count(), float64(b)/float64(a))
}

// steadily signs up and confirms at a fixed rate, whether or not responses
// arrive, for the given time or until done. A call's latency counts from when it
// was due.
func (m *measurement) steadily(long time.Duration, done func() bool) (*latencies, error) {
	var times latencies
	var failed firstError
	var all sync.WaitGroup
	began := time.Now()
	for n := 0; time.Since(began) < long && !done() && !failed.is(); n++ {
		due := began.Add(time.Duration(n) * time.Second / time.Duration(m.rate))
		time.Sleep(time.Until(due))
		call := m.signUp
		if n%2 == 0 {
			call = func() error { return m.confirm(&m.tokens) }
		}
		all.Go(func() {
			if err := call(); err != nil && !errors.Is(err, errNoMore) {
				failed.set(err)
			}
			times.add(time.Since(due))
		})
	}
	all.Wait()
	return &times, failed.err
}
