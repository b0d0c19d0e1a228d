package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
)

// A settingsView is the form of the settings.
type settingsView struct {
	Fields   []settingField
	Problems bool
	Saved    bool
	Left     leftWaiting
}

// A settingField is one setting in the form.
type settingField struct {
	Name    string
	Kind    string // "switch", "number", "policy" or "text"
	Value   string
	Was     string // what it was when the form was made
	Problem string
}

// ID is what labels point at.
func (f settingField) ID() string { return "setting-" + f.Name }

// leftWaiting says who still waits for what is not asked of anybody any more.
type leftWaiting struct {
	Approval, Verification int // people
	Approved, Verified     int // by the form that was sent; -1 when none was
}

// settingsPage shows the settings.
func (v *adminRequest) settingsPage() {
	settings, err := v.Service.Settings(v.r.Context())
	if err != nil {
		v.failed(err)
		return
	}
	query := v.r.URL.Query()
	v.showSettings(http.StatusOK, settingsView{Fields: fieldsOf(settings), Saved: query.Get("saved") == "1"}, settings)
}

func (v *adminRequest) showSettings(status int, view settingsView, settings signup.Settings) {
	var err error
	if view.Left, err = v.leftWaiting(settings); err != nil {
		v.failed(err)
		return
	}
	v.show(status, "settings", "settings", v.Say("settings.title"), view)
}

func (v *adminRequest) leftWaiting(settings signup.Settings) (left leftWaiting, err error) {
	query := v.r.URL.Query()
	left.Approved, left.Verified = numberIn(query.Get("approved")), numberIn(query.Get("verified"))
	if !settings.RequireAdminApproval {
		left.Approval, err = v.asAdmin().Count(v.r.Context(), signup.UserQuery{Status: signup.StatusPendingApproval})
	}
	if err == nil && !settings.RequireEmailVerification {
		left.Verification, err = v.asAdmin().Count(v.r.Context(), signup.UserQuery{Status: signup.StatusUnconfirmed})
	}
	return left, err
}

func numberIn(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

func fieldsOf(settings signup.Settings) []settingField {
	values := settings.Values()
	var fields []settingField
	for _, name := range signup.SettingNames() {
		value := brief(strings.Trim(values[name], `"`))
		fields = append(fields, settingField{Name: name, Kind: kindOfSetting(name, values[name]), Value: value, Was: value})
	}
	return fields
}

// brief writes a length of time without zeroes at its end, as people do: 24h,
// not 24h0m0s. Everything else stays as it is.
func brief(value string) string {
	d, err := time.ParseDuration(value)
	if err != nil || d.String() != value || d == 0 {
		return value
	}
	value = strings.Replace(value, "m0s", "m", 1)
	return strings.Replace(value, "h0m", "h", 1)
}

func kindOfSetting(name, value string) string {
	switch {
	case value == "true" || value == "false":
		return "switch"
	case name == "password_type":
		return "policy"
	case value[0] != '"':
		return "number"
	default:
		return "text"
	}
}

// changeSettings stores what the form changed, or lets in those who were left
// waiting.
func (v *adminRequest) changeSettings() {
	switch v.r.PostForm.Get("action") {
	case "approve-waiting":
		v.letIn("approved", v.asAdmin().ApproveWaiting)
	case "verify-waiting":
		v.letIn("verified", v.asAdmin().VerifyWaiting)
	default:
		v.saveSettings()
	}
}

// letInFor is how long one answer takes at most. What is left then waits for
// the next press of the button.
const letInFor = 20 * time.Second

func (v *adminRequest) letIn(what string, all func(context.Context) (int, error)) {
	ctx, cancel := context.WithTimeout(v.r.Context(), letInFor)
	defer cancel()
	n, err := all(ctx)
	if err != nil && ctx.Err() == nil {
		v.failed(err)
		return
	}
	v.redirect(adminPath+"/settings", map[string][]string{what: {strconv.Itoa(n)}})
}

func (v *adminRequest) saveSettings() {
	current, err := v.Service.Settings(v.r.Context())
	if err != nil {
		v.failed(err)
		return
	}
	fields := v.sentFields(current)
	values := map[string]string{}
	for _, f := range fields {
		if f.Value != f.Was { // what others changed meanwhile stays
			values[f.Name] = f.json()
		}
	}
	_, err = v.asAdmin().ChangeSettings(v.r.Context(), values)
	switch {
	case err == nil:
		v.redirect(adminPath+"/settings", map[string][]string{"saved": {"1"}})
	case refusal.Is(err, refusal.Invalid):
		for i := range fields {
			if refused(err, fields[i].Name) != nil {
				fields[i].Problem = v.wrongValue(v.Setting(fields[i].Name))
			}
		}
		v.showSettings(http.StatusUnprocessableEntity, settingsView{Fields: fields, Problems: true}, current)
	default:
		v.failed(err)
	}
}

// sentFields are the fields as they were sent.
func (v *adminRequest) sentFields(current signup.Settings) []settingField {
	fields := fieldsOf(current)
	for i, f := range fields {
		if was := v.r.PostForm.Get("was_" + f.Name); was != "" {
			fields[i].Was = was
		}
		sent := strings.TrimSpace(v.r.PostForm.Get(f.Name))
		if f.Kind == "switch" {
			sent = strconv.FormatBool(sent == formTrue)
		}
		fields[i].Value = sent
	}
	return fields
}

// json is the value as package signup takes it.
func (f settingField) json() string {
	if f.Kind == "switch" {
		return f.Value
	}
	if _, err := strconv.Atoi(f.Value); f.Kind == "number" && err == nil {
		return f.Value
	}
	b, err := json.Marshal(f.Value)
	if err != nil {
		panic(err) // strings always marshal
	}
	return string(b)
}
