package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/web"
)

// follow runs `signup events --follow` until the test ends it.
func (s *server) follow(args ...string) (lines *bufio.Scanner, stop func() int) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	p := program{
		args:    append([]string{"--database", s.Database, "events", "--follow", "--json"}, args...),
		environ: s.environ, stdin: strings.NewReader(""), stdout: in, stderr: io.Discard,
	}
	code := make(chan int, 1)
	go func() {
		code <- p.run(ctx)
		_ = in.Close()
	}()
	stop = func() int {
		cancel()
		return <-code
	}
	s.t.Cleanup(cancel)
	return bufio.NewScanner(out), stop
}

// What happens on one instance is told on another, and on the command line, and
// the cursors of all are the same.
func TestEventsAreFollowed(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	s.SignUp("ada")
	var page web.Events
	s.Expect(200, "GET", "/api/v1/events?types=user.signed_up", nil, &page)
	if len(page.Events) != 1 || page.Events[0].User.Username != "ada" {
		t.Fatalf("events %+v", page)
	}
	lines, stop := s.follow("--after", page.Next)
	s.Run("user", "verify", "ada")
	s.Run("user", "approve", "ada")
	for _, want := range []event.Type{event.Verified, event.Approved, event.Active} {
		if !lines.Scan() {
			t.Fatal("the list ended", lines.Err())
		}
		var e web.Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil || e.Type != want || e.Actor != "cli" || e.User.Username != "ada" {
			t.Errorf("event %s, %v; want %s", lines.Bytes(), err, want)
		}
		page.Next = e.Cursor
	}
	if code := stop(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	s.Expect(200, "GET", "/api/v1/events?wait=10ms&after="+page.Next, nil, &page)
	if len(page.Events) != 0 {
		t.Errorf("after the last event came %+v", page.Events)
	}
}

// A client that waits at one instance hears within a second of what another did.
func TestEventsCrossInstances(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		first := &server{t: t, Database: d.where(t), environ: []string{cheapPasswords, noLimits}}
		first.start("--dev")
		second := &server{t: t, Database: first.Database, environ: first.environ}
		second.start("--dev")
		first.Key = regexp.MustCompile(`API key: +(signup_\S+)`).FindStringSubmatch(first.Stdout.String())[1]
		second.Key = first.Key
		first.SignUp("ada")
		first.Run("user", "verify", "ada")
		var latest web.Events
		first.Expect(200, "GET", "/api/v1/events?after=latest", nil, &latest)
		heard := make(chan web.Events, 1)
		go func() {
			var page web.Events
			second.Call("GET", "/api/v1/events?types=user.active&wait=20s&after="+latest.Next, nil, &page)
			heard <- page
		}()
		asked := time.Now()
		first.Expect(200, "PUT", "/api/v1/users/2/approve", nil, nil)
		page := <-heard
		if len(page.Events) != 1 || page.Events[0].User == nil || page.Events[0].User.Username != "ada" {
			t.Fatalf("events %+v", page)
		}
		if took := time.Since(asked); took > time.Second {
			t.Errorf("the event took %s", took)
		}
	})
}

// A client that follows the cursor, at whichever instance, hears of every sign-up
// exactly once while people sign up at both.
func TestNoEventIsMissed(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		const people = 60
		instances := [2]*server{}
		where := d.where(t)
		for i := range instances {
			instances[i] = &server{t: t, Database: where, environ: []string{cheapPasswords, noLimits}}
			instances[i].start("--dev")
		}
		key := regexp.MustCompile(`API key: +(signup_\S+)`).FindStringSubmatch(instances[0].Stdout.String())[1]
		instances[0].Key, instances[1].Key = key, key
		var signingUp sync.WaitGroup
		for i := range people {
			signingUp.Go(func() { instances[i%2].SignUp(fmt.Sprintf("person%d", i)) })
		}
		heard, after := map[string]int{}, ""
		for asked := 0; len(heard) < people && asked < 10*people; asked++ {
			var page web.Events
			instances[asked%2].Expect(200, "GET", "/api/v1/events?types=user.signed_up&wait=1s&after="+after, nil, &page)
			for _, e := range page.Events {
				heard[e.User.Username]++
			}
			after = page.Next
		}
		signingUp.Wait()
		for i := range people {
			if name := fmt.Sprintf("person%d", i); heard[name] != 1 {
				t.Errorf("heard of %s %d times", name, heard[name])
			}
		}
	})
}
