package main

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"
)

// Whoever starts at the same moment on an empty database comes up.
func TestStartTogether(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		for range 3 {
			where := d.where(t)
			for i, err := range together(3, func(i int) error {
				name := fmt.Sprintf("boss-%d", i)
				cmd := exec.CommandContext(t.Context(), "signup", "user", "create-admin",
					"--database", where, "--username", name, "--email", name+"@example.org")
				cmd.Env = []string{cheapPasswords, "SIGNUP_ADMIN_PASSWORD=Passw0rd!boss"}
				if out, err := cmd.CombinedOutput(); err != nil {
					return fmt.Errorf("%w: %s", err, out)
				}
				return nil
			}) {
				if err != nil {
					t.Errorf("command %d: %v", i, err)
				}
			}
			db := d.connect(t, where)
			var admins int
			if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM users WHERE role = 'admin'`).Scan(&admins); err != nil || admins != 3 {
				t.Errorf("%d administrators, %v", admins, err)
			}
		}
	})
}

// TestManyInstances runs three of the program on one PostgreSQL and kills one
// after the other, leaders too: one wins each token, every mail arrives, and
// there is always a leader again.
func TestManyInstances(t *testing.T) {
	s := newInstances(t, 3)
	s.raceAcross(5)
	rounds := 4
	if testing.Short() {
		rounds = 2
	}
	for round := range rounds {
		stop := s.clients(s.anyURL)
		victim := rand.IntN(len(s.running))
		leads := round%3 == 0
		if leads {
			victim = s.leader()
			s.plantExpired(round)
		}
		s.kill(victim)
		if leads {
			s.wantNewLeader()
			s.wantCleaned(round)
		}
		s.start(victim)
		stop()
		s.check(fmt.Sprintf("after kill %d", round+1))
	}
	s.raceAcross(5)
	for _, p := range s.running {
		p.kill()
	}
	s.drain()
	s.check("at the end")
	s.checkMails()
	s.checkOnce()
	t.Logf("%d sign-ups and %d confirmations answered, %d mails received", len(s.signedUp), len(s.confirmed), len(s.mail.Messages()))
	if len(s.signedUp) < 20 || len(s.confirmed) < 10 {
		t.Fatal("too little happened to prove anything")
	}
}

// instances are a storm over several servers.
type instances struct {
	*storm
	running []*process
	urls    []atomic.Pointer[string]
	dead    map[string]bool // by River's name of them
}

// newInstances starts them at the same moment on an empty database.
func newInstances(t *testing.T, n int) *instances {
	t.Helper()
	s := &instances{
		storm: makeStorm(t, postgresMake), running: make([]*process, n), urls: make([]atomic.Pointer[string], n), dead: map[string]bool{},
	}
	s.environ = append(s.environ, "SIGNUP_LOG_LEVEL=debug")
	for i := range n {
		s.running[i] = startProcess(t, s.environ)
	}
	for i, p := range s.running {
		url := p.url()
		s.urls[i].Store(&url)
	}
	s.makeBoss(noDigests)
	return s
}

func (s *instances) start(i int) {
	s.t.Helper()
	s.running[i] = startProcess(s.t, s.environ)
	url := s.running[i].url()
	s.urls[i].Store(&url)
}

func (s *instances) anyURL() string { return *s.urls[rand.IntN(len(s.urls))].Load() }

// raceAcross has each of some people's tokens confirmed many times at the same
// moment, at all instances.
func (s *instances) raceAcross(people int) {
	s.t.Helper()
	for range people {
		plain := s.freshToken()
		answers := tally(together(atOnce, func(i int) int {
			return post(s.t.Context(), *s.urls[i%len(s.urls)].Load()+"/api/v1/sign-up/confirm", token(plain))
		}))
		if answers[200] != 1 || answers[400] != atOnce-1 {
			s.t.Errorf("answers %v", answers)
		}
	}
}

// freshToken signs somebody up and waits for the link.
func (s *instances) freshToken() (plain string) {
	s.t.Helper()
	name := s.nextName()
	if status := post(s.t.Context(), s.anyURL()+"/api/v1/sign-up/request", person(name)); status != 201 {
		s.t.Fatalf("sign-up of %s: %d", name, status)
	}
	m := s.mail.WaitForTo(s.t, name+"@example.org")
	s.note(func() {
		s.signedUp = append(s.signedUp, name+"@example.org")
		plain = tokenOf(s.t, m.Links()[0])
		s.spent[plain] = true
	})
	return plain
}

// kill kills one while a token is confirmed everywhere.
func (s *instances) kill(victim int) {
	s.t.Helper()
	plain := s.freshToken()
	s.dead[clientID(s.running[victim])] = true
	answers := tally(together(atOnce+1, func(i int) int {
		if i == atOnce/2 {
			s.running[victim].kill()
			return 0
		}
		return post(s.t.Context(), *s.urls[i%len(s.urls)].Load()+"/api/v1/sign-up/confirm", token(plain))
	}))
	if answers[200] > 1 || answers[500] > 0 {
		s.t.Errorf("answers while one was killed: %v", answers)
	}
}

// leader finds out which of them leads.
func (s *instances) leader() int {
	s.t.Helper()
	id := s.waitLeader()
	for i, p := range s.running {
		if clientID(p) == id {
			return i
		}
	}
	s.t.Fatalf("none of them is %s", id)
	return 0
}

func clientID(p *process) string {
	line, _ := p.logged("River client started")
	return line.ClientID
}

// waitLeader waits until one leads that was not killed.
func (s *instances) waitLeader() (id string) {
	s.t.Helper()
	s.eventually("a leader", 30*time.Second, func() bool {
		err := s.db.QueryRowContext(s.t.Context(), `SELECT coalesce(max(leader_id), '') FROM river_leader WHERE expires_at > now()`).Scan(&id)
		s.ok(err)
		return id != "" && !s.dead[id]
	})
	return id
}

func (s *instances) wantNewLeader() {
	s.t.Helper()
	start := time.Now()
	id := s.waitLeader()
	s.t.Logf("%s leads after %v", id, time.Since(start).Round(time.Second))
}

// plantExpired leaves a token that only the clean-up removes.
func (s *instances) plantExpired(round int) {
	s.t.Helper()
	_, err := s.db.ExecContext(s.t.Context(), `INSERT INTO sign_up_tokens (id, user_id, token_hash, address, created_at, expires_at)
		SELECT $1, id, $1, email, 'epoch', 'epoch' FROM users WHERE username = 'boss'`, fmt.Sprintf("expired-%d", round))
	s.ok(err)
}

// wantCleaned sees to it that the new leader has the clean-up done. One that
// was under way when its leader was killed is first given up for dead.
func (s *instances) wantCleaned(round int) {
	s.t.Helper()
	s.eventually("the clean-up", 3*time.Minute, func() bool {
		var n int
		s.ok(s.db.QueryRowContext(s.t.Context(), `SELECT count(*) FROM sign_up_tokens WHERE id = $1`, fmt.Sprintf("expired-%d", round)).Scan(&n))
		return n == 0
	})
}

// checkOnce proves that whatever happens to a person happened once.
func (s *instances) checkOnce() {
	s.t.Helper()
	for what, query := range map[string]string{
		"people verified twice, or without a trace": `SELECT count(*) FROM users u WHERE u.verified_at IS NOT NULL AND u.username != 'boss' AND 1 != (
			SELECT count(*) FROM audit_events e WHERE e.user_id = u.id AND e.action = 'user.verified')`,
		"people verified without exactly one notice": `SELECT count(*) FROM users u WHERE u.status = 'pending_approval' AND 1 != (
			SELECT count(*) FROM mails m WHERE m.user_id = u.id AND m.kind = 'admin_notice')`,
	} {
		var n int
		s.ok(s.db.QueryRowContext(s.t.Context(), query).Scan(&n))
		if n != 0 {
			s.t.Errorf("%d %s", n, what)
		}
	}
}

func (s *storm) eventually(what string, timeout time.Duration, so func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(timeout); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited %v for %s in vain", timeout, what)
		}
	}
}
