package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup/web/browsertest"
)

const adminsPassword = "Passw0rd!admin"

// admins are two instances of the program on one database, with
// administrators.
type admins struct {
	one, two *server
}

func startAdmins(t *testing.T, d testDatabase, names ...string) admins {
	t.Helper()
	one := newServer(t)
	one.Database = d.where(t)
	one.environ = append(one.environ, "SIGNUP_ADMIN_PASSWORD="+adminsPassword)
	for _, name := range names {
		one.Run("user", "create-admin", "--username", name, "--email", name+"@example.org")
	}
	two := newServer(t)
	two.Database, two.environ = one.Database, one.environ
	one.start("--dev")
	two.start("--dev")
	return admins{one, two}
}

// A tab is a browser that is signed in at an instance.
type tab struct {
	t      testing.TB
	client *http.Client
	url    string
}

func (s *server) signIn(name string) tab {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	b := tab{s.t, &http.Client{Jar: jar}, s.URL}
	if page := b.post("/login", url.Values{"login": {name}, "password": {adminsPassword}}); !strings.Contains(page, "<h1>Waiting</h1>") {
		s.t.Fatalf("%s is not in:\n%s", name, page)
	}
	return b
}

// at is the same browser at another instance: cookies know no ports.
func (b tab) at(s *server) tab {
	b.url = s.URL
	return b
}

func (b tab) get(path string) string {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.url+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(req)
}

func (b tab) post(path string, form url.Values) string {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(req)
}

func (b tab) do(req *http.Request) string {
	b.t.Helper()
	req.Header.Set("Accept", "text/html")
	resp, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	_ = resp.Body.Close()
	return string(page)
}

// pending signs somebody up and confirms the address.
func (s *server) pending(name string) {
	s.t.Helper()
	if status := s.SignUp(name); status != http.StatusCreated {
		s.t.Fatalf("sign-up: status %d", status)
	}
	s.Run("user", "verify", name)
}

// TestAdministratorsAtTwoInstances: a session works everywhere, news cross from
// one instance to the other, and of two who approve at the same moment one wins
// and the other is told.
func TestAdministratorsAtTwoInstances(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		a := startAdmins(t, d, "grace", "joan")
		grace, joan := a.one.signIn("grace"), a.two.signIn("joan")
		a.one.pending("ada")
		page := grace.at(a.two).get("/admin/waiting")
		if !strings.Contains(page, ">ada<") {
			t.Fatalf("the session, or ada, is not at the other instance:\n%s", page)
		}
		waitForNews(t, grace.at(a.two), "1", nil)
		waitForNews(t, grace.at(a.two), "2", func() { a.one.pending("eve") })

		for round := range 5 {
			name := fmt.Sprintf("racer%d", round)
			a.one.pending(name)
			one := idIn(t, grace.get("/admin/waiting?search="+name))
			pages := make([]string, 2)
			var wg sync.WaitGroup
			for i, b := range []tab{grace, joan} {
				wg.Go(func() { pages[i] = b.post("/admin/waiting", url.Values{"action": {"approve"}, "ids": {one}}) })
			}
			wg.Wait()
			won := strings.Count(pages[0], "Approved:") + strings.Count(pages[1], "Approved:")
			told := strings.Count(pages[0], "already, by joan") + strings.Count(pages[1], "already, by grace")
			if won != 1 || told != 1 {
				t.Errorf("%d won and %d were told", won, told)
			}
		}
		mails := 0
		if err := d.connect(t, a.one.Database).QueryRowContext(t.Context(),
			`SELECT count(*) FROM mails WHERE kind = 'approved'`).Scan(&mails); err != nil || mails != 5 {
			t.Errorf("%d mails of 5 approvals, %v", mails, err)
		}
	})
}

func idIn(t *testing.T, page string) string {
	t.Helper()
	_, after, ok := strings.Cut(page, `name="ids" value="`)
	id, _, _ := strings.Cut(after, `"`)
	if !ok {
		t.Fatalf("nobody is in\n%s", page)
	}
	return id
}

// waitForNews opens the news, does something, and waits for a count.
func waitForNews(t *testing.T, b tab, count string, do func()) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url+"/admin/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	client := *b.client
	client.Timeout = timeout
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if do != nil {
		do()
	}
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if lines.Text() == "data: "+count {
			return
		}
	}
	t.Fatalf("no news of %s", count)
}

// TestAdministratorsPages opens every page on every database, and ends a
// session by taking the role away.
func TestAdministratorsPages(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		a := startAdmins(t, d, "grace")
		a.one.pending("ada")
		grace := a.one.signIn("grace")
		user := "/admin/users/" + idIn(t, grace.get("/admin/waiting"))
		a.one.Eventually("the notice", func() bool { return strings.Contains(grace.get(user), "Notice to administrators") })
		for path, want := range map[string]string{
			"/admin":                                "<h1>Waiting</h1>",
			"/admin/waiting?status=unconfirmed":     "Nobody is here",
			"/admin/users?status=active&role=admin": ">grace<",
			user:                                    "Notice to administrators",
			"/settings?tab=users&username=ada":      "ada@example.org",
			"/admin/account":                        "This one",
			"/admin/settings":                       "How long a link works",
			"/admin/audit?actor=cli&action=user.verified&since=2020-01-01": ">ada<",
			"/admin/audit.csv?user=ada":                                    ",user.signed_up,",
			"/admin/audit.json?user=ada":                                   `"user.signed_up"`,
			"/admin/statistics":                                            `<td class="number">1</td>`,
			"/admin/mail":                                                  "Send a test email to grace@example.org",
		} {
			if page := grace.get(path); !strings.Contains(page, want) {
				t.Errorf("%s: no %q in\n%s", path, want, page)
			}
		}
		if page := grace.post("/admin/mail", nil); !strings.Contains(page, "took the test email") {
			t.Errorf("no test mail:\n%s", page)
		}
		if letters := a.one.Inbox("grace@example.org", 1); len(letters) == 0 {
			t.Error("no test mail in the inbox")
		}
		for _, s := range []*server{a.one, a.two} {
			if strings.Contains(s.Stderr.String(), `"level":"ERROR"`) {
				t.Errorf("faults:\n%s", s.Stderr)
			}
		}
		if _, err := d.connect(t, a.one.Database).ExecContext(t.Context(), `UPDATE users SET role = 'member' WHERE username = 'grace'`); err != nil {
			t.Fatal(err)
		}
		if page := grace.get("/admin/waiting"); !strings.Contains(page, "<h1>Sign in</h1>") {
			t.Error("a demoted administrator is still in")
		}
	})
}

// The queue's own pages are behind the same sign-in, and other sites' pages
// change nothing there.
func TestQueuePages(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		a := startAdmins(t, d, "grace")
		a.one.pending("ada")
		grace := a.one.signIn("grace")
		jobs := "/admin/queue/api/jobs?limit=20&state=completed"
		a.one.Eventually("jobs that are done", func() bool { return strings.Contains(grace.get(jobs), `"kind":"signup_mail"`) })
		if page := (tab{t, &http.Client{}, a.one.URL}).get(jobs); strings.Contains(page, "mail_id") {
			t.Error("strangers see the queue")
		}
		for site, want := range map[string]int{"same-origin": 200, "cross-site": 403} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, a.one.URL+"/admin/queue/api/queues/signup_mail/pause", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Sec-Fetch-Site", site)
			resp, err := grace.client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != want {
				t.Errorf("a pause asked for by %s: %d", site, resp.StatusCode)
			}
		}
		b := browsertest.Start(t)
		at, err := url.Parse(a.one.URL)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range grace.client.Jar.Cookies(at) {
			b.Cookie(a.one.URL, c)
		}
		b.Open(a.one.URL + "/admin/mail")
		b.Click(`a[href="/admin/queue/"]`)
		b.WaitText("Job State")
	})
}

func TestSessionsOnTheCommandLine(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		a := startAdmins(t, d, "grace")
		grace := a.one.signIn("grace")
		a.two.signIn("grace")
		if list := a.one.Run("user", "sessions", "grace"); strings.Count(list, "Go-http-client") != 2 {
			t.Errorf("sessions:\n%s", list)
		}
		if said := a.one.Run("user", "sign-out", "grace"); said != "Ended 2 sessions of grace.\n" {
			t.Error(said)
		}
		if page := grace.get("/admin/waiting"); !strings.Contains(page, "<h1>Sign in</h1>") {
			t.Error("a session that was ended works")
		}
	})
}

// News that are open keep nobody from stopping the server.
func TestStopWithOpenNews(t *testing.T) {
	a := startAdmins(t, sqliteMake, "grace")
	grace := a.one.signIn("grace")
	waitForNews(t, grace, "0", nil)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.one.URL+"/admin/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := grace.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	begin := time.Now()
	if code := a.one.Stop(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("stopping took %s", took)
	}
}

// One account, and one client, can only be tried so often. Who signed in from a
// browser before can do so again, whatever strangers do.
func TestSignInsAreLimited(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := newServer(t)
		s.Database = d.where(t)
		s.environ = []string{cheapPasswords, "SIGNUP_ADMIN_PASSWORD=" + adminsPassword}
		s.Run("user", "create-admin", "--username", "grace", "--email", "grace@example.org")
		s.start("--dev", "--rate-limit", "3/h", "--trusted-proxies", "127.0.0.1")
		status, browser := s.signInFrom("192.0.2.200", "grace", adminsPassword, nil)
		if status != http.StatusSeeOther {
			t.Fatalf("signed in: %d", status)
		}
		var byAccount, byClient []int
		try := func(list *[]int, login, client string) {
			status, _ := s.signInFrom(client, login, "wrong", nil)
			*list = append(*list, status)
		}
		for i := range 4 {
			if i < 3 { // the one that succeeded counts as well
				try(&byAccount, []string{"grace", "GRACE"}[i%2], fmt.Sprintf("192.0.2.%d", i))
			}
			try(&byClient, fmt.Sprintf("somebody%d", i), "198.51.100.1")
		}
		if fmt.Sprint(byAccount, byClient) != "[401 401 429] [401 401 401 429]" {
			t.Errorf("tries at one account %v, of one client %v", byAccount, byClient)
		}
		forged := []*http.Cookie{{Name: "signup-browser", Value: strings.Repeat("A", 43)}}
		for cookies, want := range map[*[]*http.Cookie]int{&browser: http.StatusSeeOther, &forged: http.StatusTooManyRequests, {}: http.StatusTooManyRequests} {
			if status, _ := s.signInFrom("203.0.113.1", "grace", adminsPassword, *cookies); status != want {
				t.Errorf("%v: %d, want %d", *cookies, status, want)
			}
		}
	})
}

// signInFrom signs in as a client by way of a trusted proxy, and returns what
// the browser keeps after it was closed.
func (s *server) signInFrom(client, login, password string, cookies []*http.Cookie) (status int, kept []*http.Cookie) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.URL+"/login",
		strings.NewReader(url.Values{"login": {login}, "password": {password}}.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Forwarded-For", client)
	for _, c := range cookies {
		req.AddCookie(c)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = resp.Body.Close()
	for _, c := range resp.Cookies() {
		if c.MaxAge > 0 {
			kept = append(kept, c)
		}
	}
	return resp.StatusCode, kept
}
