package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/scope"
)

const keysPath = adminPath + "/keys"

func (s *server) routeAdminKeys(mux *http.ServeMux) {
	mux.HandleFunc("GET "+keysPath, s.forAdmin((*adminRequest).keys))
	mux.HandleFunc("POST "+keysPath, s.form(s.forAdmin((*adminRequest).createKey)))
	mux.HandleFunc("GET "+keysPath+"/{id}/revoke", s.forAdmin((*adminRequest).askToRevoke))
	mux.HandleFunc("POST "+keysPath+"/{id}/revoke", s.form(s.forAdmin((*adminRequest).revokeKey)))
}

// A keysView is the page of API keys.
type keysView struct {
	Keys    []signup.APIKey // those that are not revoked first
	Form    keyForm
	Created signup.APIKey // by the form that was sent
	Secret  string        // of Created; no other page shows it
	Revoked string        // the name of the key that was just revoked
}

// A keyForm is the form for a new key as it was sent, and what is wrong with it.
type keyForm struct {
	Name, Ends   string
	Chosen       []string
	NameProblem  string
	ScopeProblem bool
	EndsProblem  string
}

// Scopes are what can be chosen.
func (keyForm) Scopes() []scope.Scope { return scope.All() }

// Has reports whether a scope was chosen.
func (f keyForm) Has(s scope.Scope) bool { return slices.Contains(f.Chosen, string(s)) }

// Bad reports whether anything is wrong.
func (f keyForm) Bad() bool { return f.NameProblem != "" || f.ScopeProblem || f.EndsProblem != "" }

// key is the key that the form asks for. It works to the end of the day in Ends.
func (f keyForm) key() (k signup.APIKey, err error) {
	k = signup.APIKey{Name: f.Name, Scopes: scopesNamed(f.Chosen)}
	if f.Ends == "" {
		return k, nil
	}
	day, err := time.Parse(time.DateOnly, f.Ends)
	k.EndsAt = day.Add(24 * time.Hour)
	return k, err
}

func (v *adminRequest) keys() { v.showKeys(http.StatusOK, keysView{}) }

func (v *adminRequest) showKeys(status int, view keysView) {
	keys, err := v.asAdmin().APIKeys(v.r.Context())
	if err != nil {
		v.failed(err)
		return
	}
	slices.SortStableFunc(keys, func(a, b signup.APIKey) int { return a.RevokedAt.Compare(b.RevokedAt) })
	view.Keys = keys
	if k, ok := keyWithID(keys, v.r.URL.Query().Get("revoked")); ok && !k.RevokedAt.IsZero() {
		view.Revoked = k.Name
	}
	v.show(status, "keys", "keys", v.Say("keys.title"), view)
}

func keyWithID(keys []signup.APIKey, id string) (signup.APIKey, bool) {
	i := slices.IndexFunc(keys, func(k signup.APIKey) bool { return k.ID == id })
	if i < 0 {
		return signup.APIKey{}, false
	}
	return keys[i], true
}

// createKey answers with the page that shows the secret, once. The same form sent
// again is refused, because the name is taken by then.
func (v *adminRequest) createKey() {
	sent := v.r.PostForm
	f := keyForm{Name: strings.TrimSpace(sent.Get("name")), Ends: sent.Get("ends"), Chosen: sent["scopes"]}
	wanted, err := f.key()
	if err != nil {
		f.EndsProblem = v.wrongValue(v.Say("keys.expires"))
		v.showKeys(http.StatusUnprocessableEntity, keysView{Form: f})
		return
	}
	secret, k, err := v.asAdmin().CreateAPIKey(v.r.Context(), wanted)
	switch {
	case err == nil:
		v.showKeys(http.StatusCreated, keysView{Created: k, Secret: secret.Reveal()})
	case isField(err):
		v.showKeys(statusOf(refusal.Of(err)[0].Code), keysView{Form: v.blameKey(f, err)})
	default:
		v.failed(err)
	}
}

// blameKey says in the form what was refused.
func (v *adminRequest) blameKey(f keyForm, err error) keyForm {
	f.ScopeProblem = refused(err, "scopes") != nil
	if refused(err, "expires_at") != nil {
		f.EndsProblem = v.wrongValue(v.Say("keys.expires"))
	}
	switch e := refused(err, "name"); {
	case e == nil:
	case e.Code == refusal.Conflict:
		f.NameProblem = v.Say("keys.taken")
	default:
		f.NameProblem = v.wrongValue(v.Say("keys.name"))
	}
	return f
}

// askToRevoke asks whether to revoke a key; if it is revoked already, the list says so.
func (v *adminRequest) askToRevoke() {
	keys, err := v.asAdmin().APIKeys(v.r.Context())
	if err != nil {
		v.failed(err)
		return
	}
	k, ok := keyWithID(keys, v.r.PathValue("id"))
	switch {
	case !ok:
		v.notFound(v.w, v.r)
	case !k.RevokedAt.IsZero():
		v.toRevoked(k.ID)
	default:
		v.show(http.StatusOK, "revoke", "keys", v.T("keys.revoke_title", "Name", k.Name), k)
	}
}

func (v *adminRequest) revokeKey() {
	id := v.r.PathValue("id")
	if err := v.asAdmin().RevokeAPIKey(v.r.Context(), id); err != nil && !refusal.Is(err, refusal.KeyNotFound) {
		v.failed(err)
		return
	}
	v.toRevoked(id) // also if another administrator was faster
}

func (v *adminRequest) toRevoked(id string) { v.redirect(keysPath, url.Values{"revoked": {id}}) }

// Scopes are the scopes of a key in words.
func (v *adminRequest) Scopes(k signup.APIKey) []string {
	return each(strings.Fields(string(k.Scopes)), func(s string) string { return v.sayOr("keys.scope_"+s, s) })
}

// Today is the day that it is (UTC).
func (v *adminRequest) Today() string { return v.Date(v.Now()) }

// Expired reports whether a key has come to its end.
func (v *adminRequest) Expired(k signup.APIKey) bool {
	return !k.EndsAt.IsZero() && !v.Now().Before(k.EndsAt)
}
