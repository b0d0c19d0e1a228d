package main

import (
	"github.com/alecthomas/kong"
)

// cli is the grammar of the command line. The pointers are nil when a flag was
// not given; what holds then is for readConfig to say.
type cli struct {
	Help        helpFlag    `short:"h" help:"Show this help."`
	ShowVersion versionFlag `name:"version" help:"Show the version."`
	JSON        bool        `name:"json" help:"Answer in JSON, errors too."`

	options

	Serve    serveCmd    `cmd:"" help:"Run the server."`
	Migrate  migrateCmd  `cmd:"" help:"Bring the database's tables up to date."`
	Config   configCmd   `cmd:"" help:"Show the configuration in force, and where each value comes from."`
	User     userCmd     `cmd:"" help:"Look at users and decide on them."`
	Key      keyCmd      `cmd:"" help:"API keys."`
	Hook     hookCmd     `cmd:"" help:"Web hooks, which tell other programs what happens to users."`
	Token    tokenCmd    `cmd:"" help:"Tokens of sign-up links."`
	Settings settingsCmd `cmd:"" help:"Settings that can be changed while the server runs."`
	Mail     mailCmd     `cmd:"" help:"Try out and look at mails."`
	Audit    auditCmd    `cmd:"" help:"List who did what, newest first."`
	Events   eventsCmd   `cmd:"" help:"List what happened to users, oldest first, or follow it."`
	Backup   backupCmd   `cmd:"" help:"Copy an SQLite database to a file while the server runs."`
	Copy     copyCmd     `cmd:"" help:"Move everything from one database to another, SQLite or PostgreSQL."`
	Version  versionCmd  `cmd:"" help:"Show the version."`

	Healthcheck healthcheckCmd `cmd:"" help:"Ask the running server whether it can serve."`
}

// readsConfig reports whether the command needs the configuration: version
// works whatever state that is in.
func (cli) readsConfig(kctx *kong.Context) bool { return kctx.Command() != "version" }

// options are the settings of the program. Each is a flag, a variable, a
// variable that names a file, and a key of the configuration file; its default
// is in the tag "fallback", and "example" is shown when it is missing.
type options struct {
	Config *string `group:"configuration" name:"config" placeholder:"FILE" help:"YAML file with any of these, by the flag's name."`

	Listen            *string  `group:"configuration" placeholder:"HOST:PORT" fallback:"127.0.0.1:8080" help:"Where serve listens."`
	BaseURL           *string  `group:"configuration" name:"base-url" placeholder:"URL" example:"https://signup.example.org" help:"Where people reach the server; may have a path."`
	Database          *string  `group:"configuration" placeholder:"DATABASE" fallback:"sqlite:./data/signup.db" help:"The database: sqlite:PATH, or postgres://USER@HOST/NAME."`
	Schema            *string  `group:"configuration" placeholder:"NAME" help:"PostgreSQL schema for all tables, made if need be; found or chosen unless given (docs/operate.md)."`
	SMTP              *string  `group:"configuration" name:"smtp" placeholder:"URL" example:"smtp://user@mail.example.org:587" help:"Where mail goes: smtp://user@host:port?tls=starttls|implicit|opportunistic|none (docs/mail.md has more options), sendmail:/usr/sbin/sendmail, or none for no mail at all."`
	MailFrom          *string  `group:"configuration" placeholder:"ADDRESS" example:"Our App <noreply@example.org>" help:"Sender of the mails, as \"App <noreply@example.org>\"."`
	DKIMKey           *string  `group:"configuration" name:"dkim-key" placeholder:"FILE" help:"Private key (PEM, RSA or Ed25519) that mails are signed with."`
	DKIMSelector      *string  `group:"configuration" name:"dkim-selector" placeholder:"NAME" help:"Name in the DNS under which the key's public half is."`
	DKIMDomain        *string  `group:"configuration" name:"dkim-domain" placeholder:"DOMAIN" help:"Domain that signs; the sender's unless given."`
	FeedbackID        *string  `group:"configuration" name:"feedback-id" placeholder:"ID" help:"Feedback-ID header, for reports of complaints; none unless given."`
	Notify            []string `group:"configuration" name:"notify" sep:"none" placeholder:"URL" help:"Chat to notify about sign-ups waiting for approval (shoutrrr URL, such as ntfy://ntfy.sh/topic). Repeatable; in a variable or file separate URLs by spaces or newlines. Contains secrets: prefer a file."`
	AppName           *string  `group:"configuration" placeholder:"NAME" fallback:"signup" help:"Name of the application that people sign up for."`
	Support           *string  `group:"configuration" placeholder:"TEXT" help:"Who helps: an address, a URL or words for the mails."`
	Accent            *string  `group:"configuration" placeholder:"COLOUR" fallback:"#1d4ed8" help:"Colour of buttons and links in the mails."`
	Logo              *string  `group:"configuration" placeholder:"FILE" help:"PNG, JPEG or SVG image at the top of the mails; it travels in them. Not every mail program shows SVG."`
	Footer            *string  `group:"configuration" placeholder:"TEXT" help:"Lines of your own at the foot of the mails, such as an imprint."`
	Letters           *string  `group:"configuration" placeholder:"DIR" help:"Mails of your own: KIND.LANG.subject.txt, KIND.LANG.txt, KIND.LANG.html; read again on SIGHUP."`
	LoginURL          *string  `group:"configuration" name:"login-url" placeholder:"URL" fallback:"{base}/login" help:"Where people log in."`
	ImprintURL        *string  `group:"configuration" name:"imprint-url" placeholder:"URL" help:"Imprint, linked from every page."`
	PrivacyURL        *string  `group:"configuration" name:"privacy-url" placeholder:"URL" help:"Privacy policy, linked from every page."`
	TermsURL          *string  `group:"configuration" name:"terms-url" placeholder:"URL" help:"Terms of use, which everybody who signs up must accept; needs --terms-version."`
	TermsVersion      *string  `group:"configuration" name:"terms-version" placeholder:"TEXT" help:"Version of the terms of use, which is stored with who accepted it; the API takes it as terms_version."`
	Pages             *string  `group:"configuration" name:"pages" placeholder:"DIR" help:"Folder with templates and style sheets of your own, which replace those of the pages by name."`
	ReviewURL         *string  `group:"configuration" name:"review-url" placeholder:"URL" fallback:"{base}/settings?tab=users&username={username}" help:"Where an administrator decides on {username} or {id}."`
	PasswordParams    *string  `group:"configuration" placeholder:"PARAMS" fallback:"m=65536,t=3,p=4" help:"Cost of a password's hash (argon2id)."`
	RateLimit         *string  `group:"configuration" placeholder:"LIMIT" fallback:"10/m" help:"How often one client may sign up, confirm or ask for a link, each: N/s, N/m, N/h, or off, which also lifts the limits per address."`
	ConfirmNeedsProof *bool    `group:"configuration" fallback:"false" help:"Make the JSON API's confirm refuse a token alone, with password_required, while several sign-ups have its email address."`
	TrustedProxies    *string  `group:"configuration" placeholder:"RANGES" help:"Proxies whose X-Forwarded-For is believed: addresses or ranges such as 10.0.0.0/8, with commas."`
	CORSOrigins       *string  `group:"configuration" name:"cors-origins" placeholder:"ORIGINS" help:"Sites whose scripts may sign people up over the API, such as https://app.example.org, with commas; none unless given."`
	WebHookAllow      *string  `group:"configuration" name:"web-hook-allow" placeholder:"HOSTS" help:"Hosts that web hooks may be sent to although their addresses are private, such as app.internal, with commas; none unless given."`
	LogLevel          *string  `group:"configuration" placeholder:"LEVEL" fallback:"info" help:"debug, info, warn or error; commands other than serve log from warn on by default."`
	LogFormat         *string  `group:"configuration" placeholder:"FORMAT" fallback:"auto" help:"text, json, or auto: text on a terminal."`
	NoMigrate         *bool    `group:"configuration" fallback:"false" help:"Leave the database's tables as they are."`
	SessionIdle       *string  `group:"configuration" placeholder:"DURATION" fallback:"2h" help:"How long an administrator's session lasts without use."`
	SessionLifetime   *string  `group:"configuration" placeholder:"DURATION" fallback:"168h" help:"How long an administrator's session lasts at most."`
	ShutdownTimeout   *string  `group:"configuration" placeholder:"DURATION" fallback:"20s" help:"How long serve lets requests and mails under way finish."`
}
