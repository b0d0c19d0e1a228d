package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/refusal"
)

const mailsPage = 50

// A mailView is a page of the delivery log.
type mailView struct {
	State  delivery.State
	Mails  []signup.Mail
	Next   string // address of the older ones, "" for none
	CanTry bool   // whether a test mail can be sent
	Tried  string // "sent", "failed" or ""
	Answer string // what was said to the test mail
	Did    string // what came of a button beside a mail: "retried", "stopped", "late" or ""
}

// States are what the log can be narrowed to.
func (mailView) States() []delivery.State {
	return []delivery.State{delivery.Owed, delivery.Sent, delivery.Failed, delivery.Superseded}
}

// mailPage shows the mails, newest first.
func (v *adminRequest) mailPage() { v.showMails(http.StatusOK, mailView{Did: v.did()}) }

// did is what the page says of the button that led to it; "" for nothing.
func (v *adminRequest) did() string {
	did := v.r.URL.Query().Get("did")
	if !slices.Contains([]string{"retried", "stopped", "late"}, did) {
		return ""
	}
	return did
}

// actOnMail sends a test mail, or tries or stops one that there is.
func (v *adminRequest) actOnMail() {
	id, did := v.r.PostForm.Get("id"), ""
	var err error
	switch v.r.PostForm.Get("action") {
	case "retry":
		did = "retried"
		_, err = v.asAdmin().RetryMail(v.r.Context(), id)
	case "cancel":
		did = "stopped"
		_, err = v.asAdmin().CancelMail(v.r.Context(), id)
	default:
		v.sendTestMail()
		return
	}
	switch {
	case refusal.Is(err, refusal.Conflict) || refusal.Is(err, refusal.MailNotFound):
		did = "late" // somebody was faster
	case err != nil:
		v.failed(err)
		return
	}
	v.redirect(v.mailsAgain(), url.Values{"did": {did}})
}

// mailsAgain is the page that the button was on: a user's, or that of all mails.
func (v *adminRequest) mailsAgain() string {
	if id, err := strconv.ParseInt(v.r.PostForm.Get("user"), 10, 64); err == nil && id > 0 {
		return userPath(id)
	}
	return adminPath + "/mail"
}

func (v *adminRequest) showMails(status int, view mailView) {
	query := v.r.URL.Query()
	q := signup.MailQuery{Limit: mailsPage + 1}
	if s := delivery.State(query.Get("state")); slices.Contains(view.States(), s) {
		q.State, view.State = s, s
	}
	if ms, err := strconv.ParseInt(query.Get("till"), 10, 64); err == nil && ms > 0 {
		q.CreatedTill = time.UnixMilli(ms).UTC()
	}
	mails, err := v.asAdmin().Mails(v.r.Context(), q)
	if err != nil {
		v.failed(err)
		return
	}
	if len(mails) > mailsPage {
		older := url.Values{"till": {strconv.FormatInt(mails[mailsPage].CreatedAt.UnixMilli(), 10)}}
		if view.State != "" {
			older.Set("state", string(view.State))
		}
		view.Next = "mail?" + older.Encode()
		mails = mails[:mailsPage]
	}
	view.Mails, view.CanTry = mails, v.canTestMail()
	v.show(status, "mail", "mail", v.Say("mail.title"), view)
}

// canTestMail reports whether there is mail, and an address of the administrator:
// that of one of the host is not known.
func (v *adminRequest) canTestMail() bool { return v.TestMail != nil && v.user.Email != "" }

// sendTestMail sends one to the administrator, and to nobody else.
func (v *adminRequest) sendTestMail() {
	if !v.canTestMail() {
		v.notFound(v.w, v.r)
		return
	}
	view := mailView{Tried: "sent"}
	if err := v.TestMail(v.r.Context(), v.user.Email); err != nil {
		view.Tried, view.Answer = "failed", err.Error()
	}
	v.showMails(http.StatusOK, view)
}
