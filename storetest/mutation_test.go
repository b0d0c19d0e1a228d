package storetest

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/sqlite"
	"github.com/signup-go/signup/sqlite/sqlitetest"
)

// TestMutants injects one fault at a time into a store and expects the suite to
// fail. By default it runs a fixed sample; with SIGNUP_TEST_MUTANTS=all (make
// mutate) it runs all of them.
func TestMutants(t *testing.T) {
	all := mutants()
	checkNames(t, all)
	file := sqlitetest.File(t)
	for _, m := range chosen(all) {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			killer := hunt(t, file, m)
			switch why, ok := harmless[m.name]; {
			case killer == "" && !ok:
				t.Error("the suite does not find the fault")
			case killer != "" && ok:
				t.Errorf("the fault is listed as harmless (%s), but %q finds it", why, killer)
			}
		})
	}
}

// sample is the number of mutants for each one that runs by default.
const sample = 8 // takes a minute on two cores with the race detector

// chosen returns the mutants to run. Harmless ones need the whole suite, so they
// run only with all the others.
func chosen(all []mutant) (some []mutant) {
	if os.Getenv("SIGNUP_TEST_MUTANTS") == "all" {
		return all
	}
	for i, m := range all {
		if _, ok := harmless[m.name]; !ok && i%sample == 0 {
			some = append(some, m)
		}
	}
	return some
}

// A store without a fault passes, even if its transactions begin late.
func TestNoMutant(t *testing.T) {
	file := sqlitetest.File(t)
	for _, m := range []mutant{{name: "none"}, {name: "none, late", verb: "none", loose: true}} {
		if killer := hunt(t, file, m); killer != "" {
			t.Errorf("%s: %s fails", m.name, killer)
		}
	}
}

func checkNames(t *testing.T, all []mutant) {
	t.Helper()
	names := map[string]bool{}
	for _, m := range all {
		if names[m.name] {
			t.Errorf("two mutants are named %q", m.name)
		}
		names[m.name] = true
	}
	for name := range harmless {
		if !names[name] {
			t.Errorf("no mutant is named %q", name)
		}
	}
	t.Logf("%d mutants, %d of them harmless", len(all), len(harmless))
}

// killers are, for each method, the tests that found faults in it, the latest
// first: they are likely to find the next one.
var killers = struct {
	sync.Mutex
	of map[string][]string
}{of: map[string][]string{}}

func killed(verb, name string) {
	killers.Lock()
	defer killers.Unlock()
	others := slices.DeleteFunc(slices.Clone(killers.of[verb]), func(n string) bool { return n == name })
	killers.of[verb] = append([]string{name}, others...)
}

// rank orders the tests for a mutant: first those that have found faults in its
// method, then those of a group named like the method, and last those that wait.
func rank(verb string) func(test) int {
	killers.Lock()
	defer killers.Unlock()
	first := killers.of[verb]
	return func(c test) int {
		i := slices.Index(first, c.name)
		switch {
		case i >= 0:
			return i
		case strings.Contains(verb, groupOf(c)):
			return len(first)
		case groupOf(c) == "Hold" || groupOf(c) == "Race":
			return len(first) + 2
		default:
			return len(first) + 1
		}
	}
}

func groupOf(c test) string {
	group, _, _ := strings.Cut(c.name, "/")
	return group
}

// hunt runs the suite on the mutant until a test fails, and returns that test's
// name.
func hunt(t *testing.T, file []byte, m mutant) string {
	tests := []test{}
	for _, g := range groups() {
		if m.groups != nil && !slices.Contains(m.groups, g.name) {
			continue
		}
		for _, c := range g.tests {
			tests = append(tests, test{g.name + "/" + c.name, c.run})
		}
	}
	order := rank(m.verb)
	slices.SortStableFunc(tests, func(a, b test) int { return cmp.Compare(order(a), order(b)) })
	for _, c := range tests {
		if r := try(t, file, m, c); r.failed {
			killed(m.verb, c.name)
			t.Logf("found by %q: %s", c.name, r.message)
			return c.name
		}
	}
	return ""
}

// try runs one test on a mutant.
func try(t *testing.T, file []byte, m mutant, c test) *recorder {
	dir, err := os.MkdirTemp(memory(), "mutant")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "signup.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	store := signup.Store(s)
	if m.store != nil {
		store = m.store(store)
	}
	r := &recorder{TB: t}
	r.run(func() {
		one := newSuite(r, &faulty{Store: store, m: m})
		ctx, cancel := context.WithTimeout(one.context, 30*time.Second)
		defer cancel()
		one.context = ctx
		c.run(one)
	})
	return r
}

// memory returns a folder in memory if the system has one: nothing needs to
// outlive the test.
func memory() string {
	const shm = "/dev/shm"
	if info, err := os.Stat(shm); err == nil && info.IsDir() {
		return shm
	}
	return ""
}

// A recorder is a testing.TB that records failures instead of reporting them.
type recorder struct {
	testing.TB
	mu       sync.Mutex
	failed   bool
	message  string
	cleanups []func()
}

// run runs a test, which may end with runtime.Goexit or a panic.
func (r *recorder) run(fn func()) {
	var done sync.WaitGroup
	done.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				r.fail(fmt.Sprintf("panic: %v", p))
			}
		}()
		fn()
	})
	done.Wait()
	for _, cleanup := range slices.Backward(r.cleanups) {
		cleanup()
	}
}

func (r *recorder) fail(message string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.failed {
		r.failed, r.message = true, strings.TrimSpace(message)
	}
}

func (r *recorder) Helper()                   {}
func (r *recorder) Cleanup(f func())          { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Error(args ...any)         { r.fail(fmt.Sprintln(args...)) }
func (r *recorder) Errorf(f string, a ...any) { r.fail(fmt.Sprintf(f, a...)) }

func (r *recorder) Fatal(args ...any) {
	r.Error(args...)
	runtime.Goexit()
}

func (r *recorder) Fatalf(f string, a ...any) {
	r.Errorf(f, a...)
	runtime.Goexit()
}
