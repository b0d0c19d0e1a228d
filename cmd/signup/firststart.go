package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/scope"
)

// greet says, before the first request, what the operator should know.
func (s *instance) greet(ctx context.Context) error {
	s.warn(ctx)
	admins, _, err := s.svc.As(signup.ActorSystem).Users(ctx, signup.UserQuery{Role: signup.RoleAdmin, Status: signup.StatusActive, Limit: 1})
	if err != nil {
		return err
	}
	if s.dev {
		return s.firstStart(ctx, len(admins) > 0)
	}
	if err := s.warnOfDev(ctx); err != nil {
		return err
	}
	if len(admins) == 0 {
		s.log.WarnContext(ctx, "there is no administrator, so nobody is told when a user waits for approval; "+
			"make one: signup user create-admin --username NAME --email ADDRESS")
	}
	return nil
}

// warn tells of settings that work but are seldom meant.
func (s *instance) warn(ctx context.Context) {
	if s.config.rateLimit.N == 0 {
		s.log.WarnContext(ctx, "there is no rate limit: clients may ask, and have mails sent, as often as they like")
	}
	if weak := s.config.mailWeakness(); weak != "" && !s.dev {
		s.log.WarnContext(ctx, "insecure=yes: "+weak, "smtp", s.config.setting("smtp").where)
	}
	if !s.dev && !s.config.setting("login-url").isSet() {
		s.log.WarnContext(ctx, "login-url is not set: mails and pages send people who are let in to "+
			s.config.links.loginUnder(s.config.baseURL)+", where administrators alone can sign in")
	}
	if s.dev && s.config.setting(notifySetting).isSet() {
		s.log.WarnContext(ctx, "--dev catches all mail: no chat is told", "notify", s.config.setting(notifySetting).where)
	}
	switch {
	case s.dev && s.config.setting("smtp").isSet():
		s.log.WarnContext(ctx, "--dev catches all mail: the mail server is not used", "smtp", s.config.setting("smtp").where)
	case !s.dev && s.config.noMail:
		s.log.WarnContext(ctx, "there is no mail: sign-ups are refused as long as the email address must be verified")
	case !s.dev && strings.HasPrefix(s.config.baseURL, "http://"):
		s.log.WarnContext(ctx, "the base URL is http: links and passwords go over the network in clear text")
	}
}

// devKey and devAdmin are the names of the API key and the administrator that
// --dev makes.
const (
	devKey   = "dev"
	devAdmin = "admin"
)

// warnOfDev tells of what --dev made in this database: the secrets were printed
// to a terminal, and still let in.
func (s *instance) warnOfDev(ctx context.Context) error {
	admin, isIn, err := s.devAdmin(ctx)
	if err != nil {
		return err
	}
	if isIn {
		s.log.WarnContext(ctx, "the administrator that --dev made still has the password that it printed; set another: "+
			"signup user set-password "+devAdmin+"; or, when there is another administrator: signup user set-role "+devAdmin+" member",
			"user_id", admin.ID, "username", admin.Username)
	}
	works, err := s.devKeyWorks(ctx)
	if works {
		s.log.WarnContext(ctx, "the API key that --dev made and printed still works; end it: signup key revoke "+devKey)
	}
	return err
}

// devAdmin finds the administrator that --dev made, and whether the password
// that it printed still lets them in. Only with --dev does the program make
// administrators and keys by itself.
func (s *instance) devAdmin(ctx context.Context) (u signup.User, isIn bool, err error) {
	u, err = s.svc.FindUser(ctx, devAdmin)
	switch {
	case refusal.Is(err, refusal.UserNotFound):
		return u, false, nil
	case err != nil || u.Role != signup.RoleAdmin || u.Status() != signup.StatusActive:
		return u, false, err
	}
	changed, err := s.svc.As(signup.ActorSystem).Audit(ctx, signup.AuditQuery{Type: event.PasswordSet, UserID: u.ID, Limit: 1})
	if err != nil || len(changed) > 0 {
		return u, false, err
	}
	made, err := s.svc.As(signup.ActorSystem).Audit(ctx, signup.AuditQuery{Type: event.AdminCreated, UserID: u.ID, Limit: 1})
	return u, len(made) > 0 && made[0].Actor == signup.ActorSystem, err
}

// devKeyWorks looks at the oldest key of the name: --dev makes one only when
// there is none yet.
func (s *instance) devKeyWorks(ctx context.Context) (bool, error) {
	keys, err := s.svc.As(signup.ActorSystem).APIKeys(ctx)
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(keys, func(k signup.APIKey) bool { return k.Name == devKey })
	if i < 0 || !keys[i].RevokedAt.IsZero() {
		return false, nil
	}
	events, err := s.svc.As(signup.ActorSystem).Audit(ctx, signup.AuditQuery{Type: event.APIKeyCreated, Actor: signup.ActorSystem, Limit: 1})
	return len(events) > 0, err
}

// firstStart makes, once in the life of a database, what one needs to try the
// server out, and prints it.
func (s *instance) firstStart(ctx context.Context, haveAdmin bool) error {
	say := &strings.Builder{}
	_, _ = fmt.Fprintf(say, "Sign up:  %[1]s/sign-up\nInbox:    %[1]s/dev/inbox  (all mail is caught there)\nAPI docs: %[1]s/docs\n", s.config.baseURL)
	if err := s.firstAdmin(ctx, say, haveAdmin); err != nil {
		return err
	}
	if err := s.firstKey(ctx, say); err != nil {
		return err
	}
	_, err := fmt.Fprintf(s.stdout, "\n%s\n", say)
	return err
}

func (s *instance) firstAdmin(ctx context.Context, say *strings.Builder, haveAdmin bool) error {
	if haveAdmin {
		_, _ = say.WriteString("Admin:    there is one already; another: signup user create-admin --username NAME --email ADDRESS\n")
		return nil
	}
	r := signup.Registration{
		Name: "Administrator", Username: devAdmin, Email: "admin@example.com", Password: newPassword(),
	}
	_, err := s.svc.As(signup.ActorSystem).CreateAdmin(ctx, r)
	switch {
	case refusal.Of(err) != nil:
		_, _ = fmt.Fprintf(say, "Admin:    none was made (%s); make one: signup user create-admin --username NAME --email ADDRESS\n", errorText(err))
		return nil
	case err != nil:
		return err
	}
	_, _ = fmt.Fprintf(say, "Admin:    %s, %s, password %s  (shown once)\n", r.Username, r.Email, r.Password)
	return nil
}

func (s *instance) firstKey(ctx context.Context, say *strings.Builder) error {
	keys, err := s.svc.As(signup.ActorSystem).APIKeys(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(keys, func(k signup.APIKey) bool { return k.Name == devKey }) {
		_, _ = say.WriteString("API key:  there is one already; another: signup key create --name NAME\n")
		return nil
	}
	key, _, err := s.svc.As(signup.ActorSystem).CreateAPIKey(ctx, signup.APIKey{Name: devKey, Scopes: scope.Of(scope.Admin)})
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(say, "API key:  %s  (shown once)\n", key.Reveal())
	return nil
}
