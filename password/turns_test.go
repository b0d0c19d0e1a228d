package password

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/signup-go/signup/refusal"
)

// full takes all turns of a Hasher until free is called.
func full(t *testing.T, h *Hasher, concurrent int) (free func()) {
	t.Helper()
	for range concurrent {
		if err := h.turns.take(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		for range concurrent {
			h.turns.pass()
		}
	}
}

// A crowd takes turns in the background.
type crowd struct {
	t  *testing.T
	h  *Hasher
	wg sync.WaitGroup

	mu      sync.Mutex
	hashed  []string // names, in the order of their turns
	refused []string
}

// hash lets somebody take a turn and pass it on, and returns when they wait, or
// have done so.
func (c *crowd) hash(ctx context.Context, name string) {
	c.wg.Go(func() {
		err := c.h.turns.take(ctx)
		c.mu.Lock()
		defer c.mu.Unlock()
		switch {
		case err == nil:
			c.hashed = append(c.hashed, name)
			c.h.turns.pass()
		case refusal.Is(err, refusal.Busy):
			c.refused = append(c.refused, name)
		case !errors.Is(err, context.Canceled):
			c.t.Error(err)
		}
	})
	synctest.Wait()
}

// hashAs is like hash, for a client's n callers.
func (c *crowd) hashAs(client string, n int) {
	for range n {
		c.hash(WithClient(c.t.Context(), client), client)
	}
}

func bubble(t *testing.T, concurrent, queue int, test func(t *testing.T, c *crowd, free func())) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHasher(cheap, concurrent, queue)
		test(t, &crowd{t: t, h: h}, full(t, h, concurrent))
	})
}

func TestConcurrencyIsBounded(t *testing.T) {
	bubble(t, 2, 3, func(t *testing.T, c *crowd, free func()) {
		c.hashAs("ada", 4)
		if len(c.hashed) != 0 || len(c.refused) != 1 {
			t.Fatalf("%d hashed although nobody has a turn, %d refused", len(c.hashed), len(c.refused))
		}
		free()
		c.wg.Wait()
		if len(c.hashed) != 3 {
			t.Errorf("%d hashed", len(c.hashed))
		}
		full(t, c.h, 2)() // all turns are free again
	})
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	bubble(t, 1, 1, func(t *testing.T, c *crowd, free func()) {
		ctx, cancel := context.WithCancel(t.Context())
		c.hash(ctx, "gone")
		cancel()
		c.wg.Wait()
		c.hashAs("next", 1) // who left has given up the place
		free()
		c.wg.Wait()
		c.hash(ctx, "gone")
		if !slices.Equal(c.hashed, []string{"next"}) || len(c.refused) != 0 {
			t.Errorf("hashed %q, refused %q", c.hashed, c.refused)
		}
		full(t, c.h, 1)()
	})
}

// A turn that is given to somebody who leaves at that moment is passed on.
func TestNoTurnIsLost(t *testing.T) {
	for range 200 {
		turns := newTurns(1, 2)
		if err := turns.take(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if turns.take(ctx) == nil {
				turns.pass()
			}
		})
		wg.Go(cancel)
		wg.Go(turns.pass)
		wg.Wait()
		if turns.free != 1 {
			t.Fatalf("%d turns are free", turns.free)
		}
	}
}

// However many hashes one client waits for, others wait for one of them at most.
func TestClientsHaveTurns(t *testing.T) {
	bubble(t, 1, 64, func(t *testing.T, c *crowd, free func()) {
		c.hashAs("flood", 50)
		for i := range 10 {
			c.hashAs(fmt.Sprint("client", i), 1)
		}
		free()
		c.wg.Wait()
		before := 0
		for _, name := range c.hashed[:slices.Index(c.hashed, "client9")] {
			if name == "flood" {
				before++
			}
		}
		if before > 1 {
			t.Errorf("%d of the flood came before the last of the others", before)
		}
	})
}

// When no more can wait, those have to go who wait for the most.
func TestTheFloodMakesRoom(t *testing.T) {
	bubble(t, 1, 8, func(t *testing.T, c *crowd, free func()) {
		c.hashAs("flood", 20)
		c.hashAs("ada", 1)
		c.hashAs("bob", 2)
		free()
		c.wg.Wait()
		slices.Sort(c.hashed)
		if want := []string{"ada", "bob", "bob", "flood", "flood", "flood", "flood", "flood"}; !slices.Equal(c.hashed, want) {
			t.Errorf("hashed %q", c.hashed)
		}
		if len(c.refused) != 15 {
			t.Errorf("%d refused", len(c.refused))
		}
	})
}

// People who log in have every second turn, however many sign up.
func TestPeopleWhoLogInWaitApart(t *testing.T) {
	bubble(t, 1, 4, func(t *testing.T, c *crowd, free func()) {
		c.hashAs("new", 6)
		for range 2 {
			c.hash(AtLogIn(t.Context()), "member")
		}
		free()
		c.wg.Wait()
		if i := slices.Index(c.hashed, "member"); i > 1 || c.hashed[i+2] != "member" {
			t.Errorf("hashed %q", c.hashed)
		}
		if !slices.Equal(c.refused, []string{"new", "new"}) {
			t.Errorf("refused %q", c.refused)
		}
	})
}
