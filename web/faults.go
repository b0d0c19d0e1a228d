package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/signup-go/signup/refusal"
)

// A faultView is what a page says when something went wrong that no form can
// help with.
type faultView struct {
	Title, Text string        // of the catalogue; "" for no text
	Said        string        // instead of both: what the application said, see signup.Options.OnActive
	Wait        time.Duration // until it is worth trying again
	Number      string        // of the request, where it was our fault
}

// faultOf finds the words for a problem.
func faultOf(p *Problem, number string) *faultView {
	seconds, _ := strconv.Atoi(p.headers.Get("Retry-After")) // 0 for none
	f := &faultView{Wait: time.Duration(seconds) * time.Second}
	if p.Code == string(refusal.Conflict) {
		f.Said = p.Detail
		return f
	}
	f.Title, f.Text = faultWords(p.Code)
	if p.Status == http.StatusInternalServerError {
		f.Number = number
	}
	return f
}

func faultWords(code string) (title, text string) {
	switch code {
	case codeNotFound, string(refusal.UserNotFound), string(refusal.MailNotFound), string(refusal.KeyNotFound):
		return "fault.not_found", "fault.not_found_text"
	case codeMethod:
		return "fault.method", "fault.method_text"
	case codeCrossSite:
		return "fault.cross_site", "fault.cross_site_text"
	case codeTooMany:
		return "fault.too_many", "fault.too_many_text"
	case codeTooLarge:
		return "fault.too_large", "fault.too_large_text"
	case codeMalformed, codeMediaType, codeTimeout, string(refusal.Invalid):
		return "fault.malformed", "fault.malformed_text"
	case string(refusal.Busy):
		return "fault.busy", "fault.busy_text"
	case string(refusal.UsernameTaken):
		return "wrong.username_taken", ""
	case string(refusal.EmailTaken):
		return "wrong.email_taken", ""
	case codeInDoubt:
		return "fault.in_doubt", "fault.in_doubt_text"
	case string(refusal.MailNotConfigured):
		return "fault.no_mail", "fault.no_mail_text"
	default:
		return "fault.internal", "fault.internal_text"
	}
}
