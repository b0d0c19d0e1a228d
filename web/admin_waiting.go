package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/identity"
	"github.com/signup-go/signup/refusal"
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
	Address addressNotes
}

// addressNotes are what an administrator should know about the address of a
// user; see AddressNotes.
type addressNotes struct {
	HeldBy int64
	Others int
}

// addressNotes looks them up for the users, by id.
func (v *adminRequest) addressNotes(users []signup.User) (map[int64]addressNotes, error) {
	uses, err := v.asAdmin().AddressUses(v.r.Context(), users...)
	notes := make(map[int64]addressNotes, len(users))
	for _, u := range users {
		heldBy, others := AddressNotes(u, uses[u.EmailKey])
		notes[u.ID] = addressNotes{heldBy, others}
	}
	return notes, err
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

// queueStatuses are the tabs of the queue: every status but those of people who
// are or were in, and those who wait for approval first.
func queueStatuses() []signup.Status {
	tabs := []signup.Status{signup.StatusPendingApproval}
	for _, status := range signup.Statuses() {
		if status != signup.StatusActive && status != signup.StatusDisabled && !slices.Contains(tabs, status) {
			tabs = append(tabs, status)
		}
	}
	return tabs
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
func (v *adminRequest) listOf(path string, values url.Values) list {
	l := list{Path: v.base + path, Search: cut(strings.TrimSpace(values.Get("search")), identity.MaxEmail)}
	if s := signup.Status(values.Get("status")); slices.Contains(signup.Statuses(), s) {
		l.Status = s
	}
	if r := signup.Role(values.Get("role")); r == signup.RoleAdmin || r == signup.RoleMember {
		l.Role = r
	}
	l.Past, _ = strconv.ParseInt(values.Get("past"), 10, 64)
	l.Past = max(l.Past, 0)
	return l
}

// usersOf are users of the list. Those who wait for approval come in the order
// of the sign-ups; all others the newest first.
func (v *adminRequest) usersOf(l list, limit int) ([]signup.User, error) {
	q := signup.UserQuery{Status: l.Status, Role: l.Role, Search: l.Search, Before: l.Past, Limit: limit}
	if l.Path == v.base+waitingPath && l.Status == signup.StatusPendingApproval {
		q.OldestFirst, q.After, q.Before = true, l.Past, 0
	}
	return v.asAdmin().List(v.r.Context(), q)
}

// page reads one page of users and sets where the next one is.
func (v *adminRequest) page(l *list, size int) ([]signup.User, error) {
	users, err := v.usersOf(*l, size+1)
	if len(users) > size {
		users = users[:size]
		l.Next = users[size-1].ID
	}
	return users, err
}

// waiting shows the queue.
func (v *adminRequest) waiting() {
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

func (v *adminRequest) waitingList(values url.Values) list {
	l := v.listOf(waitingPath, values)
	if !slices.Contains(queueStatuses(), l.Status) {
		l.Status = signup.StatusPendingApproval
	}
	l.Role = ""
	return l
}

func (v *adminRequest) waitingRows(users []signup.User) ([]waitingRow, error) {
	similar, err := v.similar(users)
	if err != nil {
		return nil, err
	}
	notes, err := v.addressNotes(users)
	if err != nil {
		return nil, err
	}
	rows := make([]waitingRow, len(users))
	for i, u := range users {
		mails, err := v.asAdmin().Mails(v.r.Context(), signup.MailQuery{UserID: u.ID, Limit: fewMails})
		if err != nil {
			return nil, err
		}
		rows[i] = waitingRow{
			User: u, Answers: v.answersOf(u), Mail: mailTo(u, mails),
			Similar: similar[u.ID], Undo: v.asAdmin().MayUndo(u), Address: notes[u.ID],
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
func (v *adminRequest) answersOf(u signup.User) []profileAnswer {
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

func (v *adminRequest) valueText(value any) string {
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
func (v *adminRequest) decideMany() {
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
func (v *adminRequest) askReason(status int, ids []int64, path string, back url.Values, r rejection) {
	r.Action, r.Back = v.base+path, back
	for _, id := range ids {
		u, err := v.Service.User(v.r.Context(), id)
		if refusal.Is(err, refusal.UserNotFound) {
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
func (v *adminRequest) actOnAll(action string, ids []int64, path string, back url.Values) {
	for _, id := range ids {
		outcome, err := v.act(action, id)
		switch {
		case refusal.Is(err, refusal.Invalid) && action == "reject":
			v.askReason(http.StatusUnprocessableEntity, ids, path, back, rejection{
				Reason: v.r.PostForm.Get("reason"), Note: v.r.PostForm.Get("note"),
				ReasonProblem: refused(err, "reason") != nil, NoteProblem: refused(err, "note") != nil,
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
