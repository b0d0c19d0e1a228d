package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// gap is how long a fault of the database lasts, if it does not say: shorter
// than requests wait for it.
const gap = 3 * time.Second

// An outage is a way in which a PostgreSQL fails.
type outage struct {
	name  string
	begin func(*cluster)
	// during, if set, is done again and again until the gap is over.
	during func(*cluster)
	end    func(*cluster)
	// gone says that nothing at all can be read.
	gone bool
	gap  time.Duration
}

var outages = []outage{
	{
		name: "connections die", begin: (*cluster).terminate, during: (*cluster).terminate, end: func(*cluster) {},
	},
	{
		name: "refuses connections", gone: true, gap: 12 * time.Second, // longer than they wait
		begin: func(c *cluster) { c.exec(`ALTER DATABASE app ALLOW_CONNECTIONS false`); c.terminate() },
		end:   func(c *cluster) { c.exec(`ALTER DATABASE app ALLOW_CONNECTIONS true`) },
	},
	{
		name: "stopped", gone: true,
		begin: func(c *cluster) { c.stop("fast") }, end: func(c *cluster) { c.start() },
	},
	{
		name: "crashes", gone: true,
		begin: func(c *cluster) { c.stop("immediate") }, end: func(c *cluster) { c.start() },
	},
	{
		name:  "read-only",
		begin: func(c *cluster) { c.exec(`ALTER DATABASE app SET default_transaction_read_only = on`); c.terminate() },
		end:   func(c *cluster) { c.exec(`ALTER DATABASE app RESET default_transaction_read_only`) },
	},
	{
		name:  "every statement takes too long",
		begin: func(c *cluster) { c.exec(`ALTER ROLE app SET statement_timeout = 1`); c.terminate() },
		// A connection keeps what it began with.
		end: func(c *cluster) { c.exec(`ALTER ROLE app RESET statement_timeout`); c.terminate() },
	},
	{
		name:  "no connection left",
		begin: func(c *cluster) { c.exec(`ALTER ROLE app CONNECTION LIMIT 0`); c.terminate() },
		end:   func(c *cluster) { c.exec(`ALTER ROLE app CONNECTION LIMIT -1`) },
		gone:  true,
	},
}

// TestDatabaseFaults has PostgreSQL fail under load. In the gap people are told
// to come again; nobody is told a lie, nothing is done by halves, and all goes
// on by itself.
func TestDatabaseFaults(t *testing.T) {
	c := newCluster(t)
	d := postgresMake
	d.where = func(testing.TB) string { return c.url("app") }
	s := openSite(t, d)
	s.Run("user", "create-admin", "--username", "boss", "--email", "boss@example.org")
	s.db = d.connect(t, c.url("postgres")) // whom no limit concerns
	for _, o := range outages {
		t.Run(o.name, func(t *testing.T) {
			s, c := s.in(t), *c
			c.t = t
			o.happens(&c, s)
		})
	}
	// The queue waits longer after each time it was cut off, and meanwhile
	// looks for itself. A job that was cut off is taken for dead after a while.
	s.within(2*time.Minute, "the queue to listen", func() bool {
		return c.query(`SELECT count(*) FROM pg_stat_activity WHERE usename = 'app' AND query ILIKE 'LISTEN%'`) > 0
	})
	s.within(2*time.Minute, "all mails to be sent", func() bool { return s.query(unsettled) == "0" })
	wantConsistent(t, s.db, "at the end")
}

func (o outage) happens(c *cluster, s *site) {
	s.t.Helper()
	l := s.loadOf(strings.ReplaceAll(o.name, " ", "-"))
	s.Eventually("the load", func() bool { return l.count(201) > 20 })
	o.begin(c)
	over := time.Now().Add(cmp.Or(o.gap, gap))
	if o.gone {
		s.Eventually("/readyz to tell", func() bool { return s.send("GET", "/readyz", "", nil).status == 503 })
	}
	for time.Now().Before(over) {
		if o.during != nil {
			o.during(c)
		}
		time.Sleep(100 * time.Millisecond) // the fault goes on
	}
	s.wantStatus(s.send("GET", "/healthz", "", nil), 200)
	o.end(c)
	well := time.Now()
	s.Eventually("a sign-up after it", func() bool {
		return s.post("/api/v1/sign-up/request", person(l.prefix+"-well")).status == 201
	})
	if took := time.Since(well); took > 5*time.Second {
		s.t.Errorf("well again after %v", took)
	}
	s.Eventually("/readyz", func() bool { return s.send("GET", "/readyz", "", nil).status == 200 })
	l.stop()
	s.mail.WaitForTo(s.t, l.prefix+"-well@example.org")
	l.wantTrue()
	wantConsistent(s.t, s.db, "afterwards")
}

// A load is what clients asked and were told.
type load struct {
	*site
	prefix string
	stop   func()
	logged int // the log's length before it

	mu      sync.Mutex
	answers map[string]int
	people  map[string]int // what each was told when he signed up
	links   map[string]int // what each token's holder was told
}

// loadOf lets clients sign people up and open the links that come.
func (s *site) loadOf(prefix string) *load {
	l := &load{site: s, prefix: prefix, logged: len(s.Stderr.String()), answers: map[string]int{}, people: map[string]int{}, links: map[string]int{}}
	var all sync.WaitGroup
	var over atomic.Bool
	for i := range 6 {
		all.Go(func() {
			for n := 0; !over.Load(); n++ {
				l.client(fmt.Sprintf("%s-%d-%d", prefix, i, n))
				time.Sleep(5 * time.Millisecond) // between two requests
			}
		})
	}
	l.stop = func() {
		over.Store(true)
		all.Wait()
	}
	s.t.Cleanup(l.stop)
	return l
}

func (l *load) client(name string) {
	told := l.ask("/api/v1/sign-up/request", person(name))
	l.note(func() { l.people[name] = told })
	if plain := l.newLink(); plain != "" {
		told := l.ask("/api/v1/sign-up/confirm", token(plain))
		l.note(func() { l.links[plain] = told })
	}
}

func (l *load) note(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
}

// lostAnswer stands for the status of a request whose outcome nobody knows.
const lostAnswer = 0

// ask returns the status, and makes a note of what must not be said.
func (l *load) ask(path string, body any) int {
	resp, err := client.Post(l.URL+path, "application/json", l.json(body))
	if err != nil {
		l.note(func() { l.answers[err.Error()]++ })
		return 0
	}
	defer func() { _ = resp.Body.Close() }()
	b, _ := io.ReadAll(resp.Body)
	told := fmt.Sprint(resp.StatusCode)
	if resp.StatusCode >= 400 {
		var p problem
		_ = json.Unmarshal(b, &p) // one without a code has none
		told += " " + p.Code
		if resp.Header.Get("Retry-After") == "" {
			told += " without Retry-After"
		}
	}
	l.note(func() { l.answers[told]++ })
	if told == "503 in_doubt" {
		return lostAnswer
	}
	return resp.StatusCode
}

func (l *load) count(status int) (n int) {
	l.note(func() { n = l.answers[fmt.Sprint(status)] })
	return n
}

// newLink is a token that nobody has tried.
func (l *load) newLink() (plain string) {
	all := l.mail.Messages()
	l.note(func() {
		for i := len(all) - 1; i >= max(0, len(all)-20); i-- {
			if !strings.HasPrefix(all[i].To[0], l.prefix) {
				continue
			}
			found := tokenPattern.FindStringSubmatch(all[i].Plain())
			if found == nil {
				continue
			}
			if _, tried := l.links[found[1]]; !tried {
				plain = found[1]
				l.links[plain] = 0
				return
			}
		}
	})
	return plain
}

// wantTrue holds every answer against the database.
func (l *load) wantTrue() {
	l.t.Helper()
	l.t.Logf("answers %v", l.answers)
	inDoubt := strings.Count(l.faults(), "commit outcome unknown")
	for told, n := range l.answers {
		switch {
		case told == "200", told == "201", told == "503 busy":
		case told == "503 in_doubt" && n <= inDoubt:
		default:
			l.t.Errorf("%d were told %q:\n%s", n, told, l.faults())
		}
	}
	there := l.usernames()
	for _, name := range slices.Sorted(maps.Keys(l.people)) {
		switch told := l.people[name]; {
		case told == http.StatusCreated && !there[name]:
			l.t.Errorf("%s was told he is in, and is lost", name)
		case told == http.StatusServiceUnavailable && there[name]:
			l.t.Errorf("%s was told that nothing was done, and is in", name)
		}
	}
	for plain, told := range l.links {
		if told == http.StatusServiceUnavailable {
			l.wantStatus(l.post("/api/v1/sign-up/confirm", token(plain)), 200)
		}
	}
}

// faults are the log's lines about requests that failed since the load began.
func (l *load) faults() string {
	var out strings.Builder
	for line := range strings.Lines(l.Stderr.String()[l.logged:]) {
		if strings.Contains(line, `"level":"ERROR"`) && strings.Contains(line, `"request_id"`) {
			out.WriteString(line)
		}
	}
	return out.String()
}

func (l *load) usernames() map[string]bool {
	l.t.Helper()
	rows, err := l.db.QueryContext(l.t.Context(), `SELECT username FROM users`)
	l.ok(err)
	defer func() { _ = rows.Close() }()
	all := map[string]bool{}
	for rows.Next() {
		var name string
		l.ok(rows.Scan(&name))
		all[name] = true
	}
	l.ok(rows.Err())
	return all
}
