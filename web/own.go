package web

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/field"
	"github.com/signup-go/signup/identity"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/refusal"
)

const maxOwnFile = 4 << 20 // bytes

// CheckPages refuses what New would refuse in Config.Pages, for forms with
// these fields.
func CheckPages(pages fs.FS, fields []field.Field) error {
	service, err := signup.New(noStore{}, signup.Options{Fields: fields})
	if err != nil {
		return err
	}
	_, err = newServer(Config{
		Service: service, Pages: pages,
		BaseURL: &url.URL{Scheme: "https", Host: "example.org"}, AppName: "signup", Now: time.Now,
	})
	return err
}

// noStore is the store of a Service that is only asked for its options.
type noStore struct{ signup.Store }

// takeOwn reads the operator's files: templates that stand in for ours, style
// sheets and images. A name that means nothing to us is a mistake.
func (s *server) takeOwn() error {
	if s.Pages == nil {
		return nil
	}
	s.ownPages = map[string][]byte{}
	files, err := fs.ReadDir(s.Pages, ".")
	if err != nil {
		return fmt.Errorf("web: own pages: %w", err)
	}
	var errs []error
	for _, f := range files {
		if !f.IsDir() && !strings.HasPrefix(f.Name(), ".") {
			errs = append(errs, s.takeOwnFile(f.Name()))
		}
	}
	return errors.Join(errs...)
}

func (s *server) takeOwnFile(name string) error {
	content, err := fs.ReadFile(s.Pages, name)
	switch mediaType := mediaTypeOf(name); {
	case err != nil:
		return fmt.Errorf("web: own pages: %w", err)
	case len(content) > maxOwnFile:
		return fmt.Errorf("web: own pages: %s: has more than 4 MiB", name)
	case path.Ext(name) == ".html":
		if names := templateNames(); !slices.Contains(names, name) {
			return fmt.Errorf("web: own pages: %s: is no page; the pages are %s", name, strings.Join(names, ", "))
		}
		s.ownPages[name] = content
	case path.Ext(name) == ".css" && name != ownAsset && s.assets[name].mediaType == "":
		return fmt.Errorf("web: own pages: %s: is no style sheet of ours; your own is %s", name, ownAsset)
	case mediaType == "" || path.Ext(name) == ".js":
		return fmt.Errorf("web: own pages: %s: only templates (.html), style sheets (.css) and images (.svg, .png, .jpg, .webp) can be there", name)
	default:
		s.assets[name] = newAsset(mediaType, content, false)
	}
	return nil
}

// templateNames are the files of our templates.
func templateNames() []string {
	files, err := pageFiles.ReadDir("pages")
	if err != nil {
		panic(err) // they are embedded
	}
	return each(files, fs.DirEntry.Name)
}

// source is a template, the operator's, as it was at the start, before ours.
func (s *server) source(name string) ([]byte, error) {
	if own, ok := s.ownPages[name]; ok {
		return own, nil
	}
	return pageFiles.ReadFile("pages/" + name)
}

// checkOwn shows every page once, so that a mistake in a template is seen when
// the server starts and not by the first who signs up.
func (s *server) checkOwn() error {
	if s.Pages == nil {
		return nil
	}
	var errs []error
	for name, views := range s.samples() {
		for _, v := range views {
			t, err := s.pages.page(identity.DefaultLanguage, name)
			if err == nil {
				err = t.Execute(io.Discard, v)
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("web: own pages: %s.html: %w", name, err))
				break
			}
		}
	}
	return errors.Join(errs...)
}

// samples are views of every page in every state that it can show.
func (s *server) samples() map[string][]view {
	const token = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	status := func(change func(*statusView)) view {
		v := &statusView{SignUpStatus: signup.SignUpStatus{
			Email: "ada@example.org", Status: signup.StatusUnconfirmed, Mail: delivery.Sent, ApprovalRequired: true,
		}, Wait: 42 * time.Second}
		change(v)
		return view{Here: statusPath, Lifetime: 24 * time.Hour, Status: v}
	}
	again := status(func(v *statusView) { v.Wait = 0 })
	again.Again = true
	wrongAddress := status(func(*statusView) {})
	wrongAddress.Problem, wrongAddress.Typed = "Wrong", "ada@localhost"
	late := status(func(v *statusView) { v.Status = signup.StatusActive })
	late.NotNow = true
	often := late
	often.TooOften = true
	return map[string][]view{
		"home":          {{Title: s.AppName, Here: "/", HasInbox: true}},
		"already":       {{Token: token, Here: verifyPath}},
		"confirmed":     {{Token: token, Here: verifyPath}, {Token: token, Here: verifyPath, Pending: true}},
		"closed":        {{Here: signUpPath}, {Here: signUpPath, NoMail: true}},
		"correct":       {status(func(*statusView) {}), wrongAddress, late, often},
		"disabled":      {{Token: token, Here: verifyPath}},
		"disown":        {{Token: token, Here: verifyPath + "/not-me"}},
		"disowned":      {{Here: verifyPath + "/not-me"}, {Here: verifyPath + "/not-me", Done: true}},
		"docs":          {{Title: "API"}},
		"expired":       {{Token: token, Here: verifyPath}},
		"identify":      s.identifySamples(token),
		"inbox":         {{Title: "Inbox"}},
		"letters":       {{Title: "Letters", Gallery: &galleryView{}}},
		"problem":       s.faultSamples(),
		"reset":         {{Here: resetPath}, {Here: resetPath, Problem: "Wrong"}, {Here: resetPath, Incomplete: true}, {Here: resetPath, Old: true}},
		"confirm-email": {{Here: confirmEmailPath, Token: token}, {Here: confirmEmailPath, Done: true}, {Here: confirmEmailPath, Old: true}, {Here: confirmEmailPath, Old: true, Problem: "Wrong"}, {Here: confirmEmailPath, Incomplete: true}},
		"reset-sent":    {{Here: resetPath}},
		"reset-done":    {{Here: resetPath}},
		"new-password":  s.newPasswordSamples(token),
		"resend":        {{Here: "/resend"}, {Here: "/resend", Problem: "Wrong"}},
		"resent":        {{Here: "/resend"}},
		"sign-up":       s.formSamples(),
		"status": {
			{Here: nextPath, Fresh: true, Lifetime: time.Hour},
			{Here: statusPath, Lifetime: time.Hour},
			status(func(v *statusView) { v.Mail = delivery.Owed }),
			status(func(v *statusView) { v.ApprovalRequired = false }),
			again,
			status(func(v *statusView) { v.Mail = delivery.Failed }),
			status(func(v *statusView) { v.Status = signup.StatusPendingApproval }),
			status(func(v *statusView) { v.Status, v.Verified = signup.StatusPendingApproval, true }),
			status(func(v *statusView) { v.Status = signup.StatusActive }),
			status(func(v *statusView) { v.Status = signup.StatusDisabled }),
			status(func(v *statusView) { v.Status = signup.StatusRejected }),
			status(func(v *statusView) {
				v.Status, v.Reason = signup.StatusRejected, "We know nobody of this name.\nPlease ask at the desk."
			}),
			status(func(v *statusView) { v.Lapsed = true }),
		},
		"unknown": {{Here: "/resend"}, {Here: verifyPath, Incomplete: true}},
		"verify": {
			{Token: token, Here: verifyPath},
			{Token: token, Here: verifyPath, Problem: "Busy"},
			{Token: token, Here: verifyPath, Person: &person{Name: "Ada Lovelace", Username: "ada"}},
		},
	}
}

func (s *server) identifySamples(token string) []view {
	ada := signup.User{Name: "Ada Lovelace", Username: "ada", CreatedAt: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	sample := func(change func(*identifyView)) view {
		settings := signup.DefaultSettings()
		v := newIdentifyView(ada, settings)
		change(v)
		return view{Here: verifyPath, Token: token, Person: personOf(ada), Identify: v}
	}
	return []view{
		sample(func(*identifyView) {}),
		sample(func(v *identifyView) { v.Asks = false }),
		sample(func(v *identifyView) { v.Problem = "Wrong" }),
		sample(func(v *identifyView) { v.Own, v.Username = "", "" }),
		sample(func(v *identifyView) { v.refuse([]*refusal.Error{{Code: refusal.Invalid, Field: "password"}}, false) }),
	}
}

func (s *server) newPasswordSamples(token string) []view {
	asked, wrong := newIdentifyView(signup.User{}, signup.DefaultSettings()), newIdentifyView(signup.User{}, signup.DefaultSettings())
	wrong.refuse([]*refusal.Error{{Code: refusal.Invalid, Field: "password"}}, false)
	return []view{
		{Here: resetPath, Token: token, Identify: asked},
		{Here: resetPath, Token: token, Identify: wrong, Problem: "Wrong"},
	}
}

func (s *server) faultSamples() []view {
	var out []view
	for _, code := range []string{
		codeNotFound, codeMethod, codeCrossSite, codeTooMany, codeTooLarge, codeMalformed, codeInDoubt, codeInternal,
		string(refusal.Busy), string(refusal.MailNotConfigured),
	} {
		f := &faultView{Wait: 42 * time.Second, Number: "ABC"}
		f.Title, f.Text = faultWords(code)
		out = append(out, view{Here: "/", Fault: f})
	}
	return out
}

func (s *server) formSamples() []view {
	sample := func(settings signup.Settings, sent url.Values, change func(*signUpView)) view {
		v := s.newSignUpView(nil, settings, sent)
		v.Language = identity.DefaultLanguage
		change(v)
		return view{Here: signUpPath, SignUp: v}
	}
	strict, lax := signup.DefaultSettings(), signup.DefaultSettings()
	lax.PasswordType, lax.RequireEmailVerification = password.LengthOnly, false
	var refusals []*refusal.Error
	sent := url.Values{}
	for _, name := range append(s.builtIn(), each(s.Fields, func(f field.Field) string { return f.Name })...) {
		sent.Set(name, "x")
		refusals = append(refusals, &refusal.Error{Code: refusal.Invalid, Field: name})
	}
	return []view{
		sample(strict, nil, func(*signUpView) {}),
		sample(lax, nil, func(v *signUpView) { v.Busy = true }),
		sample(strict, sent, func(v *signUpView) { v.blame(refusals, sent) }),
	}
}
