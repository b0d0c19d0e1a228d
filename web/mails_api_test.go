package web_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/web"
)

// mailAbout is the id of the newest mail about somebody.
func (w *world) mailAbout(username string) string {
	w.t.Helper()
	mails, err := w.As(signup.ActorCLI).Mails(w.t.Context(), signup.MailQuery{UserID: w.id(username), Limit: 1})
	w.must(err)
	if len(mails) == 0 {
		w.t.Fatalf("no mail about %s", username)
	}
	return mails[0].ID
}

func (w *world) request201(names ...string) {
	w.t.Helper()
	for _, name := range names {
		w.json(requestPath, ada("username", name, "email", name+"@example.org")).wants(w.t, 201)
	}
}

func TestMailsAPI(t *testing.T) {
	w := start(t)
	w.request201("ann", "bob", "cid", "dan", "eve")
	bob := w.mailAbout("bob")
	_, err := w.Post().MailFailed(t.Context(), bob, signup.Failure{Phase: "rcpt", Answer: "550 no such user", Permanent: true, NoSuchAddress: true})
	w.must(err)
	_, err = w.Post().MailFailed(t.Context(), w.mailAbout("cid"), signup.Failure{Answer: "451 later"})
	w.must(err)

	var first, second web.Mails
	w.asAdmin("GET", "/mails?limit=3", "").wants(t, 200).decode(t, &first)
	w.asAdmin("GET", "/mails?limit=3&before="+*first.Next, "").wants(t, 200, `"next":null`).decode(t, &second)
	var ids, want []string
	for _, m := range slices.Concat(first.Mails, second.Mails) {
		ids = append(ids, m.ID)
	}
	for _, name := range []string{"eve", "dan", "cid", "bob", "ann"} {
		want = append(want, w.mailAbout(name))
	}
	if !slices.Equal(ids, want) || len(first.Mails) != 3 {
		t.Errorf("pages %q, want %q", ids, want)
	}

	for query, n := range map[string]int{
		"state=failed": 1, "state=trying": 1, "state=owed": 3, "state=sent": 0, "kind=confirmation": 5, "kind=welcome": 0,
		fmt.Sprintf("user_id=%d", w.id("bob")): 1, fmt.Sprintf("state=owed&user_id=%d", w.id("bob")): 0,
	} {
		var got web.Mails
		w.asAdmin("GET", "/mails?"+query, "").wants(t, 200).decode(t, &got)
		if len(got.Mails) != n {
			t.Errorf("%s: %d mails, want %d", query, len(got.Mails), n)
		}
	}
	for _, query := range []string{"limit=0", "limit=201", "state=x", "kind=x", "user_id=-1", "before=" + strings.Repeat("x", 65), "before=nonsense"} {
		name, _, _ := strings.Cut(query, "=")
		w.asAdmin("GET", "/mails?"+query, "").wantsProblem(t, 422, "invalid", "query."+name)
	}

	var about web.Mails
	w.asAdmin("GET", fmt.Sprintf("/users/%d/mails", w.id("bob")), "").wants(t, 200).decode(t, &about)
	if len(about.Mails) != 1 || about.Mails[0].ID != bob {
		t.Errorf("%+v", about)
	}
	w.asAdmin("GET", "/users/999/mails", "").wantsProblem(t, 404, "user_not_found")
}

func TestMailVerbs(t *testing.T) {
	w := start(t)
	w.request201("bob")
	bob := w.mailAbout("bob")
	_, err := w.Post().MailFailed(t.Context(), bob, signup.Failure{Phase: "rcpt", Answer: "550 no such user", Permanent: true, NoSuchAddress: true})
	w.must(err)
	w.asAdmin("GET", "/mails/"+bob, "").wants(t, 200,
		`"state":"failed"`, `"last_answer":"550 no such user"`, `"log":[{"at":`, `"phase":"rcpt"`, `"outcome":"failed"`)
	w.asAdmin("GET", fmt.Sprintf("/users/%d", w.id("bob")), "").wants(t, 200, `"undeliverable_at":"2026-03-01T12:00:00Z"`)

	w.asAdmin("PUT", "/mails/"+bob+"/cancel", "").wantsProblem(t, 409, "conflict")
	w.asAdmin("PUT", "/mails/"+bob+"/retry", "").wants(t, 200, `"state":"owed"`, `"attempts":0`)
	w.asAdmin("PUT", "/mails/"+bob+"/retry", "").wantsProblem(t, 409, "conflict")
	w.asAdmin("PUT", "/mails/"+bob+"/cancel", "").wants(t, 200, `"state":"cancelled"`)
	w.asAdmin("PUT", "/mails/"+bob+"/retry", "").wants(t, 200, `"state":"owed"`)
	w.token("bob@example.org")
	w.asAdmin("PUT", "/mails/"+bob+"/retry", "").wantsProblem(t, 409, "conflict")
	w.asAdmin("GET", fmt.Sprintf("/users/%d", w.id("bob")), "").wants(t, 200, `"undeliverable_at":null`,
		`"actor":"key:tests","action":"mail.retried"`, `"actor":"key:tests","action":"mail.cancelled"`)
	for _, path := range []string{"GET /mails/nonsense", "PUT /mails/nonsense/retry", "PUT /mails/nonsense/cancel"} {
		method, path, _ := strings.Cut(path, " ")
		w.asAdmin(method, path, "").wantsProblem(t, 404, "mail_not_found")
	}
}

func TestMailsNeedAKey(t *testing.T) {
	w := start(t)
	for _, path := range []string{"GET /mails", "GET /mails/x", "PUT /mails/x/retry", "PUT /mails/x/cancel", "GET /users/1/mails", "PUT /users/1/notices"} {
		method, path, _ := strings.Cut(path, " ")
		w.do(w.request(method, "/api/v1"+path, "")).wantsProblem(t, 401, "unauthorized")
	}
}

func TestNoticesAPI(t *testing.T) {
	w := start(t)
	_, err := w.As(signup.ActorCLI).CreateAdmin(t.Context(), signup.Registration{Name: "Boss", Username: "boss", Email: "boss@example.org", Password: "Passw0rd!boss"})
	w.must(err)
	w.request201("ann")
	w.decide("boss", "notices", `{"enabled":false}`).wants(t, 200, `"notices":false`)
	w.decide("boss", "notices", `{"enabled":false}`).wants(t, 200, `"notices":false`)
	w.decide("boss", "notices", `{"enabled":true}`).wants(t, 200, `"notices":true`)
	w.decide("ann", "notices", `{"enabled":false}`).wantsProblem(t, 409, "conflict")
	for body, location := range map[string]string{`{}`: "enabled", `{"enabled":"no"}`: "enabled", `{"enabled":true,"x":1}`: "x"} {
		w.decide("boss", "notices", body).wantsProblem(t, 422, "invalid", "body."+location)
	}
	w.asAdmin("PUT", "/users/999/notices", `{"enabled":false}`).wantsProblem(t, 404, "user_not_found")
}
