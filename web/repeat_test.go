package web_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
)

// never lets nobody through.
type never struct{}

func (never) Allow(context.Context, string, string) (bool, time.Duration, error) {
	return false, time.Minute, nil
}

// confirmationsOwed counts the confirmations of a user.
func (w *world) confirmationsOwed(who string) int {
	w.t.Helper()
	mails, err := w.As(signup.ActorCLI).Mails(w.t.Context(), signup.MailQuery{UserID: w.find(who).ID, Kind: signup.MailConfirmation, State: delivery.Owed, Limit: 100})
	w.must(err)
	return len(mails)
}

func TestSecondSubmit(t *testing.T) {
	for _, conceal := range []string{"true", "false"} {
		w := start(t)
		w.set(map[string]string{"conceal_emails": conceal})
		for range 2 {
			w.form(signUpPath, adaForm()).wants(t, 303)
		}
		if n, mails := w.userCount(), w.confirmationsOwed("ada"); n != 1 || mails != 1 {
			t.Errorf("%d users, %d mails", n, mails)
		}
	}
}

// With one letter changed a form is another sign-up; a minute later the same
// form is a repetition of the first one.
func TestAnotherSubmit(t *testing.T) {
	w := start(t)
	w.form(signUpPath, adaForm()).wants(t, 303)
	w.form(signUpPath, adaForm("password", "Analytical-2")).wants(t, 409)
	w.form(signUpPath, adaForm("username", "ada2")).wants(t, 303)
	if n, mails := w.userCount(), w.confirmationsOwed("ada2"); n != 2 || mails != 1 {
		t.Errorf("%d users, %d mails after another form", n, mails)
	}
	w.clock.advance(time.Minute)
	w.form(signUpPath, adaForm()).wants(t, 303)
	if n, mails := w.userCount(), w.confirmationsOwed("ada"); n != 2 || mails != 1 {
		t.Errorf("%d users, %d mails a minute later", n, mails)
	}
}

func TestTwentySubmitsAtOnce(t *testing.T) {
	w := start(t)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if a := w.form(signUpPath, adaForm()); a.StatusCode != http.StatusSeeOther {
				t.Errorf("%d: %s", a.StatusCode, a.body)
			}
		})
	}
	all.Wait()
	if n, mails := w.userCount(), w.confirmationsOwed("ada"); n != 1 || mails != 1 {
		t.Errorf("%d users, %d mails", n, mails)
	}
}

// What was refused or failed is tried again.
func TestSubmitAfterAFailure(t *testing.T) {
	f := &faultyStore{}
	w := start(t, withFaults(f))
	f.failUpdates(errors.New("no luck"))
	w.form(signUpPath, adaForm()).wants(t, 500)
	f.failUpdates(nil)
	w.set(map[string]string{"signup_enabled": "false"})
	w.form(signUpPath, adaForm()).wants(t, 403)
	w.set(map[string]string{"signup_enabled": "true"})
	w.form(signUpPath, adaForm()).wants(t, 303)
}

// A browser drops the first request of a double click; the second one signs up.
func TestFirstRequestOfADoubleClickIsDropped(t *testing.T) {
	stuck := &slowStore{entered: make(chan struct{}), release: make(chan struct{})}
	w := start(t, func(s *setup) {
		s.store = func(store signup.Store) signup.Store { stuck.Store = store; return stuck }
	})
	ctx, cancel := context.WithCancel(t.Context())
	dropped := make(chan error, 1)
	go func() {
		r := w.request("POST", signUpPath, adaForm().Encode(), "Content-Type", "application/x-www-form-urlencoded").WithContext(ctx)
		resp, err := http.DefaultClient.Do(r)
		if err == nil {
			_ = resp.Body.Close()
		}
		dropped <- err
	}()
	<-stuck.entered
	cancel()
	if err := <-dropped; err == nil {
		t.Error("the first request was answered")
	}
	second := make(chan answer, 1)
	go func() { second <- w.form(signUpPath, adaForm()) }()
	close(stuck.release)
	(<-second).wants(t, 303)
	if n, mails := w.userCount(), w.confirmationsOwed("ada"); n != 1 || mails != 1 {
		t.Errorf("%d users, %d mails", n, mails)
	}
	if strings.Contains(w.log.String(), `"ERROR"`) {
		t.Errorf("log %s", w.log)
	}
}

// A slowStore holds its first update until it is released.
type slowStore struct {
	signup.Store
	once             sync.Once
	entered, release chan struct{}
}

func (s *slowStore) Update(ctx context.Context, fn func(signup.Tx) error) error {
	s.once.Do(func() {
		close(s.entered)
		select {
		case <-s.release:
		case <-ctx.Done():
		}
	})
	return s.Store.Update(ctx, fn)
}
