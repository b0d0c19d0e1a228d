package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/password"
)

// repeat calls f from several goroutines for one round, or until f reports that
// there is no more to do, and returns the calls per second.
func (b *bench) repeat(callers int, f func(ctx context.Context, n int64) (more bool, err error)) (float64, error) {
	ctx, cancel := context.WithTimeout(b.ctx, b.round)
	defer cancel()
	var n, done atomic.Int64
	var once sync.Once
	var failure error
	var all sync.WaitGroup
	began := time.Now()
	for range callers {
		all.Go(func() {
			for ctx.Err() == nil {
				more, err := f(b.ctx, n.Add(1)-1)
				if err != nil {
					once.Do(func() { failure = err })
				}
				if err != nil || !more {
					return
				}
				done.Add(1)
			}
		})
	}
	all.Wait()
	return float64(done.Load()) / time.Since(began).Seconds(), failure
}

var client = &http.Client{Transport: &http.Transport{MaxIdleConns: 128, MaxIdleConnsPerHost: 128}}

// post sends JSON and fails unless the response has the wanted status.
func post(ctx context.Context, url string, body any, want int) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(b))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	return send(req, want)
}

// send fails unless the response has the wanted status.
func send(req *http.Request, want int) error {
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != want {
		return fmt.Errorf("%s: status %d, want %d: %s", req.URL, resp.StatusCode, want, answer)
	}
	return err
}

// signUps compares sign-ups over HTTP with bare hashes: apart from its hash, a
// sign-up should cost next to nothing.
func (b *bench) signUps(d database) error {
	url, err := d.create("signups")
	if err != nil {
		return err
	}
	p, err := b.serve(url)
	if err != nil {
		return err
	}
	defer p.stop()
	var people atomic.Int64
	ours := func() (float64, error) {
		return b.repeat(2*runtime.NumCPU(), func(ctx context.Context, _ int64) (bool, error) {
			return true, signUp(ctx, p.url, people.Add(1))
		})
	}
	hasher := password.NewHasher(password.DefaultParams(), 0, 0)
	hasher.After = runtime.GC // as the program does
	bare := func() (float64, error) {
		return b.repeat(2*runtime.NumCPU(), func(ctx context.Context, _ int64) (bool, error) {
			_, err := hasher.Hash(ctx, "Passw0rd!bench")
			return true, err
		})
	}
	if err := b.beside("sign-ups", ours, "bare argon2id hashes", bare); err != nil {
		return err
	}
	if _, err := b.repeat(64, func(ctx context.Context, _ int64) (bool, error) { return true, signUp(ctx, p.url, people.Add(1)) }); err != nil {
		return err
	}
	high, err := p.memory("VmHWM")
	fmt.Printf("%-34s %10.0f MiB\n\n", "memory, at most, 64 signing up", high)
	return err
}

func signUp(ctx context.Context, url string, n int64) error {
	name := fmt.Sprintf("p%d", n)
	return post(ctx, url+"/api/v1/sign-up/request", map[string]string{
		"name": "Person", "username": name, "email": name + "@example.org", "password": "Passw0rd!bench",
	}, http.StatusCreated)
}

// confirms compares confirmations over HTTP with bare durable transactions that
// change one row.
func (b *bench) confirms(d database) error {
	url, err := d.create("confirms")
	if err != nil {
		return err
	}
	tokens, err := b.fill(d, url, b.rounds)
	if err != nil {
		return err
	}
	p, err := b.serve(url)
	if err != nil {
		return err
	}
	defer p.stop()
	var next atomic.Int64
	ours := func() (float64, error) {
		return b.repeat(connections, func(ctx context.Context, _ int64) (bool, error) {
			i := next.Add(1) - 1
			if i >= int64(len(tokens)) {
				return false, nil
			}
			return true, post(ctx, p.url+"/api/v1/sign-up/confirm", map[string]string{"token": tokens[i]}, http.StatusOK)
		})
	}
	bare, done, err := d.bare()
	if err != nil {
		return err
	}
	defer done()
	return b.beside("confirms", ours, "bare durable transactions", func() (float64, error) {
		return b.repeat(connections, func(ctx context.Context, n int64) (bool, error) { return true, bare(ctx, n%bareRows) })
	})
}

const (
	connections = 16
	bareRows    = 1000
)

// perRound is more confirmations than a round can reach.
const perRound = 20_000

// fill creates unconfirmed users with a token each, enough for the number of
// rounds.
func (b *bench) fill(d database, url string, rounds int) (tokens []string, err error) {
	store, err := d.open(url)
	if err != nil {
		return nil, err
	}
	defer func() { _ = store.Close() }()
	if err := store.Migrate(b.ctx); err != nil {
		return nil, err
	}
	n := perRound * rounds
	now := time.Now().UTC().Truncate(time.Millisecond)
	for len(tokens) < n {
		err := store.Update(b.ctx, func(tx signup.Tx) error {
			for range 1000 {
				token, err := fillOne(b.ctx, tx, len(tokens), now)
				if err != nil {
					return err
				}
				tokens = append(tokens, token)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	fmt.Fprintf(os.Stderr, "made %d users\n", n)
	return tokens, nil
}

func fillUser(ctx context.Context, tx signup.Tx, i int, now time.Time) (signup.User, error) {
	name := fmt.Sprintf("f%d", i)
	return tx.CreateUser(ctx, signup.User{
		Name: "Person", Username: name, UsernameKey: name, Email: name + "@example.org", EmailKey: name + "@example.org",
		PasswordHash: "-", Language: "en", Role: signup.RoleMember, Origin: signup.OriginSignUp,
		VerificationRequired: true, CreatedAt: now, LinkAskedAt: now,
	})
}

func fillOne(ctx context.Context, tx signup.Tx, i int, now time.Time) (string, error) {
	u, err := fillUser(ctx, tx, i, now)
	if err != nil {
		return "", err
	}
	token := signup.NewToken()
	_, err = tx.CreateToken(ctx, signup.SignUpToken{
		ID: u.Username, UserID: u.ID, TokenHash: token.Hash(), Address: u.Email, EmailKey: u.EmailKey,
		CreatedAt: now, ExpiresAt: now.Add(24 * time.Hour),
	})
	return token.Reveal(), err
}

// rejections compares refused confirmations with an empty handler.
func (b *bench) rejections(d database) error {
	refused := func(url string) load {
		return func() (float64, error) {
			return b.repeat(connections, func(ctx context.Context, _ int64) (bool, error) {
				token := signup.NewToken()
				return true, post(ctx, url+"/api/v1/sign-up/confirm", map[string]string{"token": token.Reveal()}, http.StatusBadRequest)
			})
		}
	}
	return b.withEmpty(d, "rejections", func(ours, empty string) error {
		return b.beside("rejected confirms", refused(ours), "an empty handler", refused(empty))
	})
}
