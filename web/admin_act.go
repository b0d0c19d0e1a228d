package web

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
)

// What came of an action.
const (
	outcomeDone       = "done"
	outcomeTaken      = "taken" // another administrator was faster, or it is past that
	outcomeGone       = "gone"
	outcomeUnverified = "unverified"
	outcomeNoMail     = "nomail"
	outcomeTooLate    = "late"
	outcomeLast       = "last" // the last administrator
)

func outcomes() []string {
	return []string{outcomeDone, outcomeTaken, outcomeGone, outcomeUnverified, outcomeNoMail, outcomeTooLate, outcomeLast, "none"}
}

// actions are what an administrator can do to a user.
func (v *adminRequest) actions() map[string]func(context.Context, int64) (signup.User, error) {
	admin, form := v.asAdmin(), v.r.PostForm
	return map[string]func(context.Context, int64) (signup.User, error){
		"approve": admin.Approve,
		"verify":  admin.VerifyEmail,
		"resend":  admin.SendLinkAgain,
		"undo":    admin.UndoRejection,
		"disable": func(ctx context.Context, id int64) (signup.User, error) { return admin.SetDisabled(ctx, id, true) },
		"enable":  func(ctx context.Context, id int64) (signup.User, error) { return admin.SetDisabled(ctx, id, false) },
		"reject": func(ctx context.Context, id int64) (signup.User, error) {
			// Browsers send line breaks as CR LF.
			plain := strings.NewReplacer("\r\n", "\n")
			return admin.Reject(ctx, id, plain.Replace(form.Get("reason")), plain.Replace(form.Get("note")))
		},
		"correct": func(ctx context.Context, id int64) (signup.User, error) {
			return admin.CorrectEmail(ctx, id, form.Get("email"))
		},
		"end-sessions": func(ctx context.Context, id int64) (signup.User, error) {
			_, err := admin.EndSessions(ctx, id)
			return signup.User{ID: id}, err
		},
	}
}

func errUnknownAction() *refusal.Error { return refusal.Field("action", "is not known") }

// act does one thing to one user. What can come of it when two administrators
// work at a time is an outcome; the rest is an error.
func (v *adminRequest) act(action string, id int64) (outcome string, err error) {
	do, ok := v.actions()[action]
	if !ok {
		return "", errUnknownAction()
	}
	u, err := do(v.r.Context(), id)
	switch {
	case err == nil && othersDecided(action, u, v.by()):
		return outcomeTaken, nil
	case err == nil:
		return outcomeDone, nil
	case refusal.Is(err, refusal.UserNotFound):
		return outcomeGone, nil
	case refusal.Is(err, refusal.NotVerified):
		return outcomeUnverified, nil
	case refusal.Is(err, refusal.MailNotConfigured):
		return outcomeNoMail, nil
	case refusal.Is(err, refusal.Conflict) && action == "undo" && v.isRejected(id):
		return outcomeTooLate, nil
	case refusal.Is(err, refusal.Conflict) && action == "disable" && v.isLastAdmin(id):
		return outcomeLast, nil
	case refusal.Is(err, refusal.Conflict) && v.has(id, actsOn(action)): // the application refuses it
		return "", err
	case refusal.Is(err, refusal.Conflict) && action != "correct":
		return outcomeTaken, nil
	default:
		return "", err
	}
}

// othersDecided reports whether a decision, which may be made twice, was made
// by somebody else before.
func othersDecided(action string, u signup.User, by signup.Actor) bool {
	switch action {
	case "approve":
		return u.ApprovedBy != by
	case "reject":
		return u.RejectedBy != by
	case "disable":
		return u.DisabledBy != by
	default:
		return false
	}
}

func (v *adminRequest) isRejected(id int64) bool { return v.has(id, signup.StatusRejected) }

// actsOn is the status in which an action can be refused by the application alone;
// "" for none.
func actsOn(action string) signup.Status {
	switch action {
	case "approve":
		return signup.StatusPendingApproval
	case "disable":
		return signup.StatusActive
	case "enable":
		return signup.StatusDisabled
	default:
		return ""
	}
}

func (v *adminRequest) has(id int64, status signup.Status) bool {
	u, err := v.Service.User(v.r.Context(), id)
	return err == nil && u.Status() == status
}

// A result is what the page after a form says: what was done to whom. It
// travels as ids in the address, so that a page can be reloaded and nobody can
// put words into it.
type result struct {
	Action  string
	Outcome string
	Users   []resultUser
}

type resultUser struct {
	signup.User
	DecidedBy signup.Actor
}

// Good reports whether it is no bad news.
func (r result) Good() bool { return r.Outcome == outcomeDone }

// resultKey is the parameter: its values are ACTION.OUTCOME.ID-ID-ID.
const resultKey = "r"

func withResult(query url.Values, action, outcome string, id int64) url.Values {
	out := maps.Clone(query)
	prefix := action + "." + outcome + "."
	values := slices.Clone(out[resultKey])
	text := strconv.FormatInt(id, 10)
	i := slices.IndexFunc(values, func(s string) bool { return strings.HasPrefix(s, prefix) })
	if i >= 0 {
		values[i] += "-" + text
	} else {
		values = append(values, prefix+text)
	}
	out[resultKey] = values
	return out
}

// results reads what withResult wrote, and drops everything else.
func (v *adminRequest) results(query url.Values) []result {
	var out []result
	for _, value := range query[resultKey] {
		parts := strings.Split(value, ".")
		if len(parts) != 3 || !v.Knows("result."+parts[0]+"_done") || !slices.Contains(outcomes(), parts[1]) || len(out) == 10 {
			continue
		}
		r := result{Action: parts[0], Outcome: parts[1]}
		for _, id := range idsOf(strings.Split(parts[2], "-")) {
			u, err := v.Service.User(v.r.Context(), id)
			if err != nil {
				u = signup.User{ID: id}
				u.Username = v.Name(id)
			}
			r.Users = append(r.Users, resultUser{u, decider(u)})
		}
		out = append(out, r)
	}
	return out
}

// decider is who made the decision on the user; "" for nobody.
func decider(u signup.User) signup.Actor {
	switch u.Status() {
	case signup.StatusRejected:
		return u.RejectedBy
	case signup.StatusDisabled:
		return u.DisabledBy
	default:
		return u.ApprovedBy
	}
}

// isField reports whether err is a refusal that belongs beside a field.
func isField(err error) bool {
	var refused *refusal.Error
	return errors.As(err, &refused) && (refused.Code == refusal.Invalid ||
		refused.Code == refusal.EmailTaken || refused.Code == refusal.Conflict)
}
