package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
)

// askDisable shows whose account is about to be disabled, and what that means.
func (v *adminRequest) askDisable(id int64) {
	u, err := v.Service.User(v.r.Context(), id)
	if err != nil {
		v.failed(err)
		return
	}
	v.show(http.StatusOK, "disable", "users", v.Say("disable.title"), u)
}

// changeOne changes the name and username of the user of the page.
func (v *adminRequest) changeOne(id int64) {
	name, username := v.r.PostForm.Get("name"), v.r.PostForm.Get("username")
	_, err := v.asAdmin().Change(v.r.Context(), id, signup.Changes{Name: &name, Username: &username})
	switch {
	case refusal.Is(err, refusal.Invalid), refusal.Is(err, refusal.UsernameTaken):
		v.showUser(http.StatusUnprocessableEntity, id, userView{Change: &personChange{
			Name: name, Username: username, NameProblem: v.wrongField(err, "name"), UsernameProblem: v.wrongField(err, "username"),
		}})
	case err != nil:
		v.failed(err)
	default:
		v.redirect(userPath(id), withResult(url.Values{}, "change", outcomeDone, id))
	}
}

// A personChange is what was typed to change a name and a username, and why it
// cannot be used.
type personChange struct {
	Name, Username               string
	NameProblem, UsernameProblem string
}

// wrongField says what is wrong with a field, "" for nothing.
func (v *adminRequest) wrongField(err error, name string) string {
	e := refused(err, name)
	if e == nil {
		return ""
	}
	return v.said(v.pages.translator(v.Tag.String()).wrongText(&fieldProblem{Name: name, Code: string(e.Code), Rules: e.Rules}))
}

// exportUser hands over everything stored about a user. Only a button does so,
// because the export is recorded.
func (v *adminRequest) exportUser(id int64) {
	d, err := v.asAdmin().Export(v.r.Context(), id)
	if err != nil {
		v.failed(err)
		return
	}
	text, err := json.MarshalIndent(UserExportJSON(d), "", "  ")
	if err != nil {
		v.failed(err)
		return
	}
	v.w.Header().Set("Content-Type", "application/json")
	v.w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="user-%d.json"`, id))
	_, _ = v.w.Write(append(text, '\n')) // fails when the client goes away
}

// isLastAdmin reports whether the user is the only active administrator.
func (v *adminRequest) isLastAdmin(id int64) bool {
	admins, err := v.asAdmin().List(v.r.Context(), signup.UserQuery{Role: signup.RoleAdmin, Status: signup.StatusActive, Limit: 2})
	return err == nil && len(admins) == 1 && admins[0].ID == id
}
