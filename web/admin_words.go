package web

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/event"
)

// T says a sentence; what it names follows as name, value, name, value...
func (v *adminRequest) T(id string, pairs ...any) string {
	return v.Fill(id, named(map[string]any{}, pairs))
}

// N says how many.
func (v *adminRequest) N(id string, n int) string { return v.Count(id, int64(n)) }

// Knows reports whether there is a sentence.
func (v *adminRequest) Knows(id string) bool { return adminWords().Knows(id) }

// sayOr says a sentence, or where there is none what stands in for it.
func (v *adminRequest) sayOr(id, otherwise string) string {
	if !v.Knows(id) {
		return otherwise
	}
	return v.Say(id)
}

// Status is a status in words.
func (v *adminRequest) Status(s signup.Status) string { return v.Say("status." + string(s)) }

// Event is a type of audit event in words, or as it is kept where there are none.
func (v *adminRequest) Event(event event.Type) string {
	return v.sayOr("event."+string(event), string(event))
}

// MailKind is a kind of mail in words.
func (v *adminRequest) MailKind(kind signup.MailKind) string {
	return v.sayOr("mail_kind."+string(kind), string(kind))
}

// MailState is a mail's state in words.
func (v *adminRequest) MailState(state delivery.State) string {
	return v.sayOr("mail_state."+string(state), string(state))
}

// At is a moment, for people and for programs.
func (v *adminRequest) At(t time.Time) template.HTML {
	if t.IsZero() {
		return "–"
	}
	return timeElement(t, v.Moment(t), "")
}

// Ago is how long ago it was, with the moment as its title.
func (v *adminRequest) Ago(t time.Time) template.HTML {
	if t.IsZero() {
		return "–"
	}
	text := v.Say("time.now")
	if d := v.Now().Sub(t); d >= time.Minute {
		text = v.T("time.ago", "Duration", v.Duration(d))
	}
	return timeElement(t, text, v.Moment(t))
}

func timeElement(t time.Time, text, title string) template.HTML {
	attribute := ""
	if title != "" {
		attribute = ` title="` + template.HTMLEscapeString(title) + `"`
	}
	return template.HTML(fmt.Sprintf(`<time datetime="%s"%s>%s</time>`, // all of it is escaped
		t.UTC().Format(time.RFC3339), attribute, template.HTMLEscapeString(text)))
}

// Who is an actor in words.
func (v *adminRequest) Who(a signup.Actor) string {
	if id := a.UserID(); id != 0 {
		return v.Name(id)
	}
	if key, ok := strings.CutPrefix(string(a), "key:"); ok {
		return v.T("actor.key", "Name", key)
	}
	return v.sayOr("actor."+string(a), string(a))
}

// Name is a user's username, or says that the user is gone.
func (v *adminRequest) Name(id int64) string {
	if name, ok := v.names[id]; ok {
		return name
	}
	name := v.T("actor.gone", "ID", id)
	if u, err := v.Service.User(v.r.Context(), id); err == nil {
		name = u.Username
	}
	v.names[id] = name
	return name
}

// A mailRow is a mail on a page. User is whose page that is; 0 for the page of
// all mails.
type mailRow struct {
	Page *adminRequest
	Mail signup.Mail
	User int64
}

// Row is a mail on a page.
func (v *adminRequest) Row(m signup.Mail, user int64) mailRow { return mailRow{v, m, user} }

// Setting is a setting in words, or by its name where it has none.
func (v *adminRequest) Setting(name string) string {
	return v.sayOr("setting."+name, strings.ReplaceAll(name, "_", " "))
}

// Date is a day without the time, as programs write it.
func (v *adminRequest) Date(t time.Time) string { return t.UTC().Format(time.DateOnly) }
