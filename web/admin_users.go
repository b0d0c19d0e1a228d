package web

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/signup-go/signup"
)

const usersPage = 50 // users on a page

// A usersView is a page of all users.
type usersView struct {
	list
	Users []userRow
}

// A userRow is one user of the list.
type userRow struct {
	signup.User
	Address addressNotes
}

// Statuses are what the list can be narrowed to.
func (usersView) Statuses() []signup.Status { return signup.Statuses() }

// users lists users, newest first.
func (v *adminRequest) users() {
	l := v.listOf(usersPath, v.r.URL.Query())
	users, err := v.page(&l, usersPage)
	if err != nil {
		v.failed(err)
		return
	}
	notes, err := v.addressNotes(users)
	if err != nil {
		v.failed(err)
		return
	}
	rows := each(users, func(u signup.User) userRow { return userRow{u, notes[u.ID]} })
	v.show(http.StatusOK, "users", "users", v.Say("users.title"), usersView{l, rows})
}

// A userView is all that is known about a user.
type userView struct {
	waitingRow
	Mails    []signup.Mail
	Trail    []signup.AuditEvent
	Sessions []sessionRow // of administrators
	Results  []result
	Did      string // see mailView

	Typed        string // the address as it was to be corrected
	EmailProblem string

	Change *personChange // what was to be changed and cannot be; nil for nothing
}

// CanChange reports whether name and username can be changed.
func (u userView) CanChange() bool { return u.Status() != signup.StatusRejected && u.Email != "" }

// CanCorrect reports whether the address can still be corrected.
func (u userView) CanCorrect() bool { return u.Status() == signup.StatusUnconfirmed }

// userPage shows one user.
func (v *adminRequest) userPage() {
	if id, ok := v.pathID(); ok {
		v.showUser(http.StatusOK, id, userView{})
	}
}

// pathID is the id in the address; where there is none the answer is given.
func (v *adminRequest) pathID() (int64, bool) {
	id, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil || id < 1 {
		v.notFound(v.w, v.r)
		return 0, false
	}
	return id, true
}

func (v *adminRequest) showUser(status int, id int64, u userView) {
	if err := v.readUser(id, &u); err != nil {
		v.failed(err)
		return
	}
	u.Results, u.Did = v.results(v.r.URL.Query()), v.did()
	section := "users"
	if s := u.Status(); s == signup.StatusPendingApproval {
		section = "waiting"
	}
	v.show(status, "user", section, u.Username, u)
}

func (v *adminRequest) readUser(id int64, u *userView) error {
	ctx := v.r.Context()
	user, err := v.Service.User(ctx, id)
	if err != nil {
		return err
	}
	rows, err := v.waitingRows([]signup.User{user})
	if err != nil {
		return err
	}
	u.waitingRow = rows[0]
	if u.Mails, err = v.asAdmin().Mails(ctx, signup.MailQuery{UserID: id, Limit: historyLimit}); err != nil {
		return err
	}
	if u.Trail, err = v.asAdmin().Audit(ctx, signup.AuditQuery{UserID: id, Limit: historyLimit}); err != nil {
		return err
	}
	if user.Role == signup.RoleAdmin {
		u.Sessions, err = v.sessionsOf(id)
	}
	return err
}

// decideOne does something to the user of the page.
func (v *adminRequest) decideOne() {
	id, ok := v.pathID()
	if !ok {
		return
	}
	action := v.r.PostForm.Get("action")
	switch action {
	case "ask-reject":
		v.askReason(http.StatusOK, []int64{id}, userPath(id), url.Values{}, rejection{})
	case "ask-disable":
		v.askDisable(id)
	case "change":
		v.changeOne(id)
	case "export":
		v.exportUser(id)
	case "correct":
		v.correctOne(id)
	default:
		v.actOnAll(action, []int64{id}, userPath(id), url.Values{})
	}
}

// correctOne corrects the address of the user of the page.
func (v *adminRequest) correctOne(id int64) {
	outcome, err := v.act("correct", id)
	switch {
	case isField(err):
		v.showUser(http.StatusUnprocessableEntity, id, userView{
			Typed: v.r.PostForm.Get("email"), EmailProblem: v.wrongAddress(err),
		})
	case err != nil:
		v.failed(err)
	default:
		v.redirect(userPath(id), withResult(url.Values{}, "correct", outcome, id))
	}
}
