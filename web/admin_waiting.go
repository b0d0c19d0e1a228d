package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/signup-go/signup"
)

const (
	waitingPage = 25  // people on a page of the queue
	maxChosen   = 100 // in one form
	fewMails    = 3   // of a person, to find the one that matters
)

// A waitingView is a page of the queue.
type waitingView struct {
	list
	Rows    []waitingRow
	Results []result
}

// A waitingRow is somebody in the queue.
type waitingRow struct {
	signup.User
	Answers []profileAnswer
	Mail    *signup.Mail // the latest to the person; nil for none
	Similar []hint
	Undo    bool // whether the rejection can be undone
}

// A profileAnswer is what somebody said to a question of the operator.
type profileAnswer struct {
	Label phrase
	Text  string
}

// A list is what a page of users selects, and where its neighbours are.
type list struct {
	Path   string
	Status signup.Status
	Role   signup.Role
	Search string
	Past   int64 // shows what comes after this id
	Next   int64 // Past of the next page; 0 on the last
}

// queueStatuses are the tabs of the queue.
func queueStatuses() []signup.Status {
	return []signup.Status{signup.StatusPendingApproval, signup.StatusUnconfirmed, signup.StatusRejected}
}

// Tabs are the statuses one can wait in.
func (waitingView) Tabs() []signup.Status { return queueStatuses() }

// To is the address of the list with another status.
func (l list) To(status signup.Status) string { return l.address(status, 0) }

// NextPage is the address of the next page.
func (l list) NextPage() string { return l.address(l.Status, l.Next) }

// FirstPage is the address of the first page.
func (l list) FirstPage() string { return l.address(l.Status, 0) }

func (l list) address(status signup.Status, past int64) string {
	query := l.query()
	query.Del("status")
	query.Del("past")
	if status != "" {
		query.Set("status", string(status))
	}
	if past != 0 {
		query.Set("past", strconv.FormatInt(past, 10))
	}
	return l.Path + "?" + query.Encode()
}

func (l list) query() url.Values {
	query := url.Values{}
	for name, value := range map[string]string{"status": string(l.Status), "role": string(l.Role), "search": l.Search} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if l.Past != 0 {
		query.Set("past", strconv.FormatInt(l.Past, 10))
	}
	return query
}

// listOf reads what to select; what makes no sense selects everything.
func (v *visit) listOf(path string, values url.Values) list {
	l := list{Path: v.base + path, Search: cut(strings.TrimSpace(values.Get("search")), signup.MaxEmailLength)}
	if s := signup.Status(values.Get("status")); slices.Contains(append(queueStatuses(), signup.StatusActive), s) {
		l.Status = s
	}
	if r := signup.Role(values.Get("role")); r == signup.RoleAdmin || r == signup.RoleMember {
		l.Role = r
	}
	l.Past, _ = strconv.ParseInt(values.Get("past"), 10, 64)
	l.Past = max(l.Past, 0)
	return l
}

// usersOf are users of the list. Who waits for approval comes in the order of
// the sign-ups; everybody else the newest first.
func (v *visit) usersOf(l list, limit int) ([]signup.User, error) {
	if l.Path == v.base+waitingPath && l.Status == signup.StatusPendingApproval {
		return v.Service.Waiting(v.r.Context(), signup.WaitingQuery{Status: l.Status, Search: l.Search, After: l.Past, Limit: limit})
	}
	return v.Service.UserList(v.r.Context(), signup.UserQuery{
		Status: l.Status, Role: l.Role, Search: l.Search, Before: l.Past, Limit: limit,
	})
}

// page reads one page of users and sets where the next one is.
func (v *visit) page(l *list, size int) ([]signup.User, error) {
	users, err := v.usersOf(*l, size+1)
	if len(users) > size {
		users = users[:size]
		l.Next = users[size-1].ID
	}
	return users, err
}

// waiting shows the queue.
func (v *visit) waiting() {
	l := v.waitingList(v.r.URL.Query())
	users, err := v.page(&l, waitingPage)
	if err != nil {
		v.failed(err)
		return
	}
	rows, err := v.waitingRows(users)
	if err != nil {
		v.failed(err)
		return
	}
	v.show(http.StatusOK, "waiting", "waiting", v.Say("waiting.title"), waitingView{l, rows, v.results(v.r.URL.Query())})
}

func (v *visit) waitingList(values url.Values) list {
	l := v.listOf(waitingPath, values)
	if !slices.Contains(queueStatuses(), l.Status) {
		l.Status = signup.StatusPendingApproval
	}
	l.Role = ""
	return l
}

func (v *visit) waitingRows(users []signup.User) ([]waitingRow, error) {
	mails, err := v.Service.LatestMails(v.r.Context(), users, fewMails)
	if err != nil {
		return nil, err
	}
	similar, err := v.similar(users)
	if err != nil {
		return nil, err
	}
	rows := make([]waitingRow, len(users))
	for i, u := range users {
		rows[i] = waitingRow{
			User: u, Answers: v.answersOf(u), Mail: mailTo(u, mails[u.ID]),
			Similar: similar[u.ID], Undo: v.Service.MayUndo(u),
		}
	}
	return rows, nil
}

// mailTo is the latest mail to the person, not to the administrators.
func mailTo(u signup.User, mails []signup.Mail) *signup.Mail {
	for _, m := range mails {
		if m.RecipientID == u.ID {
			return &m
		}
	}
	return nil
}

// answersOf are the answers in the order of the form.
func (v *visit) answersOf(u signup.User) []profileAnswer {
	var out []profileAnswer
	for _, q := range v.questions {
		value, ok := u.Profile[q.field.Name]
		if !ok || value == nil {
			continue
		}
		label := q.label.in(append(wanted(v.r), v.Tag))
		if label.Text == "" {
			label.Text = strings.ReplaceAll(q.field.Name, "_", " ")
		}
		out = append(out, profileAnswer{label, v.valueText(value)})
	}
	return out
}

func (v *visit) valueText(value any) string {
	switch value := value.(type) {
	case bool:
		if value {
			return v.Say("yes")
		}
		return v.Say("no")
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	default:
		return fmt.Sprint(value)
	}
}

// decideMany does one thing to everybody who was ticked, or to the one whose
// button was pressed.
func (v *visit) decideMany() {
	form := v.r.PostForm
	action, ids := form.Get("action"), idsOf(form["ids"])
	if one := form.Get("one"); one != "" {
		var id string
		action, id, _ = strings.Cut(one, " ")
		ids = idsOf([]string{id})
	}
	l := v.waitingList(form)
	switch {
	case action == "none": // Enter on a box
		v.redirect(waitingPath, l.query())
	case len(ids) == 0:
		v.redirect(waitingPath, withResult(l.query(), "none", "none", 0))
	case action == "ask-reject":
		v.askReason(http.StatusOK, ids, waitingPath, l.query(), rejection{})
	default:
		v.actOnAll(action, ids, waitingPath, l.query())
	}
}

func idsOf(texts []string) []int64 {
	var ids []int64
	for _, text := range texts {
		id, err := strconv.ParseInt(text, 10, 64)
		if err == nil && id > 0 && !slices.Contains(ids, id) && len(ids) < maxChosen {
			ids = append(ids, id)
		}
	}
	return ids
}

// A rejection is the form that asks for the reasons.
type rejection struct {
	Users         []signup.User
	Action        string // where the form goes
	Back          url.Values
	Reason        string
	Note          string
	ReasonProblem bool
	NoteProblem   bool
}

// MaxReason is the limit of the texts, in UTF-16.
func (rejection) MaxReason() int { return signup.MaxReasonLength }

// Cancel is where one comes from.
func (r rejection) Cancel() string { return r.Action + "?" + r.Back.Encode() }

// askReason shows whom the rejection is about and asks for the reasons.
func (v *visit) askReason(status int, ids []int64, path string, back url.Values, r rejection) {
	r.Action, r.Back = v.base+path, back
	for _, id := range ids {
		u, err := v.Service.User(v.r.Context(), id)
		if signup.IsCode(err, signup.CodeUserNotFound) {
			continue
		}
		if err != nil {
			v.failed(err)
			return
		}
		r.Users = append(r.Users, u)
	}
	if len(r.Users) == 0 {
		v.redirect(waitingPath, withResult(back, "reject", "gone", 0))
		return
	}
	v.show(status, "reject", "waiting", v.N("reject.title", len(r.Users)), r)
}

// actOnAll does it to one after the other and reports what came of it.
func (v *visit) actOnAll(action string, ids []int64, path string, back url.Values) {
	for _, id := range ids {
		outcome, err := v.act(action, id)
		switch {
		case signup.IsCode(err, signup.CodeInvalid) && action == "reject":
			v.askReason(http.StatusUnprocessableEntity, ids, path, back, rejection{
				Reason: v.r.PostForm.Get("reason"), Note: v.r.PostForm.Get("note"),
				ReasonProblem: refusal(err, "reason") != nil, NoteProblem: refusal(err, "note") != nil,
			})
			return
		case err != nil:
			v.failed(err)
			return
		}
		back = withResult(back, action, outcome, id)
	}
	v.redirect(path, back)
}
