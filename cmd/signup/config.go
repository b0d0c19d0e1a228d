package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/chat"
	"github.com/signup-go/signup/field"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/sendmail"
	"github.com/signup-go/signup/smtp"
	"github.com/signup-go/signup/webhook"
)

// A config is the configuration in force.
type config struct {
	settings []*setting // as they were given, in the order of the help
	problems []error    // all that is wrong; commands refuse to run with any

	listen            string
	baseURL           string // without a slash at its end; "" when it is not set
	database          string
	schema            string
	smtp              *smtp.Config // without From; nil when not set, sendmail or none
	sendmail          *sendmail.Config
	dkim              dkimConfig
	feedbackID        string
	chats             []*chat.Sender
	noMail            bool // --smtp=none
	mailFrom          signup.Address
	appName           string
	support           string
	brand             brandConfig
	links             linkTemplates
	pages             pageConfig
	passwordParams    password.Params
	rateLimit         signup.Limit // zero: off
	confirmNeedsProof bool
	trustedProxies    []netip.Prefix
	corsOrigins       []string
	webHookAllow      []string
	webHooks          []webhook.Hook // that are declared
	logLevel          slog.Level
	logFormat         string
	noMigrate         bool
	sessionIdle       time.Duration
	sessionLifetime   time.Duration
	shutdownTimeout   time.Duration
	fields            field.List
	public            map[string]any // of the API's public settings
	fieldsWhere       string
}

// readConfig resolves and reads every setting, and gathers what is wrong.
func readConfig(settings []*setting, environ []string) config {
	c := config{settings: settings}
	vars := newVariables(environ)
	c.problems = vars.unknown(settings)
	file := c.readFile(vars)
	for _, s := range settings {
		if err := s.resolve(vars, file); err != nil {
			c.problems = append(c.problems, err)
		}
	}
	c.parse()
	return c
}

// readFile reads the configuration file, if one is named.
func (c *config) readFile(vars variables) *configFile {
	named := c.setting("config")
	if err := named.resolve(vars, nil); err != nil || named.value == "" {
		return nil
	}
	file, problems := readConfigFile(named.value, c.settings)
	c.problems = append(c.problems, problems...)
	c.fields, c.public, c.webHooks = file.fields, file.public, file.webHooks
	c.fieldsWhere = named.value
	return file
}

// setting returns the setting with this name, which must exist.
func (c *config) setting(name string) *setting {
	for _, s := range c.settings {
		if s.name == name {
			return s
		}
	}
	panic("no setting is called " + name)
}

// err is everything that is wrong, in one usage error.
func (c *config) err() error {
	if len(c.problems) == 0 {
		return nil
	}
	return usagef("the configuration is not right:\n%w", errors.Join(c.problems...))
}

// parse turns the values into what they mean.
func (c *config) parse() {
	c.read("listen", c.readListen)
	c.read("base-url", c.readBaseURL)
	c.read("database", func(s string) error { c.database = s; return checkDatabase(s) })
	c.read("schema", into(&c.schema))
	c.read("smtp", c.readSMTP)
	c.read("mail-from", c.readMailFrom)
	c.readMailSettings()
	c.read(notifySetting, c.readNotify)
	c.read("app-name", into(&c.appName))
	c.read("support", into(&c.support))
	c.read("accent", c.brand.readAccent)
	c.read("logo", c.brand.readLogo)
	c.read("footer", c.brand.readFooter)
	c.read("letters", c.brand.readLetters)
	c.read("login-url", func(s string) error { c.links.login = s; return checkTemplate(s) })
	c.read("imprint-url", c.pages.readImprint)
	c.read("privacy-url", c.pages.readPrivacy)
	c.read("terms-url", c.pages.readTerms)
	c.read("terms-version", into(&c.pages.termsVersion))
	c.read("pages", c.pages.readDir)
	if err := c.pages.check(); err != nil {
		c.problems = append(c.problems, err)
	}
	c.read("review-url", func(s string) error { c.links.review = s; return checkTemplate(s, "username", "id") })
	c.read("password-params", c.readPasswordParams)
	c.read("rate-limit", c.readRateLimit)
	c.read("confirm-needs-proof", readBool(&c.confirmNeedsProof))
	c.read("trusted-proxies", c.readTrustedProxies)
	c.read("cors-origins", c.readCORSOrigins)
	c.read("web-hook-allow", c.readWebHookAllow)
	c.checkWebHooks()
	c.read("log-level", func(s string) error { return c.readLogLevel(s) })
	c.read("log-format", c.readLogFormat)
	c.read("no-migrate", readBool(&c.noMigrate))
	c.read("session-idle", c.readSessionIdle)
	c.read("session-lifetime", c.readSessionLifetime)
	c.read("shutdown-timeout", c.readShutdownTimeout)
}

// read hands a value to its reader. The message that it is wrong names where
// it was given, never the value: it may be secret.
func (c *config) read(name string, reader func(string) error) {
	s := c.setting(name)
	if s.value == "" {
		return
	}
	if err := reader(s.value); err != nil {
		c.problems = append(c.problems, c.wrong(name, err))
	}
}

// wrong says where the value was given that is not right, and its name.
func (c *config) wrong(name string, err error) error {
	where := c.setting(name).where
	if where != "--"+name && where != variableOf(name) {
		where += ": " + name
	}
	return fmt.Errorf("%s: %w", where, err)
}

func into(field *string) func(string) error {
	return func(s string) error { *field = s; return nil }
}

func (c *config) readListen(s string) error {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return errors.New("must be HOST:PORT, such as 127.0.0.1:8080 or :8080")
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return errors.New("the port must be a number from 0 (any) to 65535")
	}
	c.listen = s
	return nil
}

func (c *config) readBaseURL(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return errors.New("must be an absolute http or https URL, such as https://signup.example.org")
	case u.User != nil, u.RawQuery != "", u.ForceQuery, u.Fragment != "", strings.HasSuffix(s, "#"):
		return errors.New("must end after the path: no user, no ?query, no #fragment")
	}
	c.baseURL = strings.TrimRight(s, "/")
	return nil
}

const noMail = "none"

func (c *config) readSMTP(s string) error {
	if s == noMail {
		c.noMail = true
		return nil
	}
	if strings.HasPrefix(s, "sendmail:") {
		return c.readSendmail(s)
	}
	server, err := smtp.ParseURL(s)
	if err != nil {
		return err
	}
	server.Password = c.setting("smtp-password").value
	c.smtp = &server
	return nil
}

func (c *config) readMailFrom(s string) error {
	a, err := mail.ParseAddress(s)
	if err != nil {
		return errors.New(`must be an email address, or a name and an address: Our App <noreply@example.org>`)
	}
	c.mailFrom = signup.Address{Name: a.Name, Email: a.Address}
	return nil
}

func (c *config) readPasswordParams(s string) (err error) {
	c.passwordParams, err = password.ParseParams(s)
	return err
}

func (c *config) readLogLevel(s string) error {
	levels := map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}
	level, ok := levels[strings.ToLower(s)]
	if !ok {
		return errors.New("must be debug, info, warn or error")
	}
	c.logLevel = level
	return nil
}

func (c *config) readLogFormat(s string) error {
	if s != "auto" && s != "text" && s != "json" {
		return errors.New("must be auto, text or json")
	}
	c.logFormat = s
	return nil
}

func readBool(field *bool) func(string) error {
	return func(s string) (err error) {
		if *field, err = strconv.ParseBool(s); err != nil {
			return errors.New("must be true or false")
		}
		return nil
	}
}

func (c *config) readShutdownTimeout(s string) error {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return errors.New("must be a duration such as 20s")
	}
	c.shutdownTimeout = d
	return nil
}
