package signup

import (
	"time"

	"github.com/signup-go/signup/delivery"
)

// A MailKind is the purpose of a mail.
type MailKind string

// The kinds of mail. MailKinds describes them.
const (
	MailConfirmation  MailKind = "confirmation"
	MailReminder      MailKind = "reminder"
	MailAccountExists MailKind = "account_exists"
	MailWelcome       MailKind = "welcome"
	MailApproved      MailKind = "approved"
	MailRejected      MailKind = "rejected"
	MailAdminNotice   MailKind = "admin_notice"
	MailAdminDigest   MailKind = "admin_digest"
	MailPasswordReset MailKind = "password_reset"
	MailNewEmail      MailKind = "new_email"
	MailEmailChanged  MailKind = "email_changed"
)

// A MailKindInfo describes a kind of mail.
type MailKindInfo struct {
	Kind MailKind
	Doc  string // what it says, for documentation

	// ToManagers is true for kinds that go to administrators or chats. Other
	// kinds go to the user the mail is about, or to the holder of the user's
	// address.
	ToManagers bool

	// Limited is true for kinds that strangers can cause to be sent to an
	// address. They count towards Options.MailLimits. Those about a sign-up end
	// when the user's address is confirmed or corrected.
	Limited bool

	// apart begins the name of the count, for kinds that are counted apart: sign-ups
	// with an address must not use up what its owner may get about the account.
	apart string

	// stillTrue reports whether what the mail says is still true.
	stillTrue func(draft) bool
	// link makes the URL of the letter's button; nil if there is none or if it
	// needs a token.
	link func(Links, User) string
}

// MailKinds returns a description of every kind of mail.
func MailKinds() []MailKindInfo {
	unconfirmed := func(d draft) bool { return d.user.Status() == StatusUnconfirmed }
	active := func(d draft) bool { return d.user.Active() }
	login := func(l Links, _ User) string { return l.Login() }
	return []MailKindInfo{
		{
			Kind: MailConfirmation, Doc: "Please confirm the email address.", Limited: true,
			stillTrue: unconfirmed,
		},
		{
			Kind: MailReminder, Doc: "The address is still not confirmed, and the sign-up will be removed.", Limited: true,
			stillTrue: func(d draft) bool { return unconfirmed(d) && d.holder == nil },
		},
		{
			Kind: MailAccountExists, Doc: "Somebody signed up with an address that already has an account.", Limited: true,
			stillTrue: func(d draft) bool { return d.holder != nil }, link: login,
		},
		{
			Kind: MailWelcome, Doc: "The account is ready; nothing had to be confirmed or approved.", Limited: true,
			stillTrue: active, link: login,
		},
		{
			Kind: MailApproved, Doc: "An administrator approved the sign-up.",
			stillTrue: active, link: login,
		},
		{
			Kind: MailRejected, Doc: "An administrator rejected the sign-up, with the public reason.",
			stillTrue: func(d draft) bool { return d.user.Status() == StatusRejected },
		},
		{
			Kind: MailAdminNotice, Doc: "A sign-up waits for approval.", ToManagers: true,
			stillTrue: func(d draft) bool { return d.user.Status() == StatusPendingApproval && d.wanted() },
			link:      func(l Links, u User) string { return l.Review(u) },
		},
		{
			Kind: MailAdminDigest, Doc: "How many sign-ups wait for approval, instead of a notice for each.", ToManagers: true,
			stillTrue: func(d draft) bool { return d.waiting > 0 && d.wanted() },
		},
		{
			Kind: MailPasswordReset, Doc: "A link to choose a new password.", Limited: true, apart: "password resets of ",
			stillTrue: active,
		},
		{
			Kind: MailNewEmail, Doc: "To the address that a user is to get: please confirm it.", Limited: true, apart: "changes to ",
			stillTrue: func(d draft) bool { return active(d) && d.user.NewEmail != "" },
		},
		{
			Kind: MailEmailChanged, Doc: "To the address that a user had: it was changed.",
			stillTrue: func(d draft) bool { return d.user.hasAccount() && d.user.OldEmail != "" },
		},
	}
}

// info returns the description of the kind, or the zero value if it is not in
// MailKinds.
func (k MailKind) info() MailKindInfo {
	for _, info := range MailKinds() {
		if info.Kind == k {
			return info
		}
	}
	return MailKindInfo{}
}

// A Mail is a mail owed, stored in the transaction of the change that it reports.
// It holds no text and no token: a new letter is written for each attempt to
// send it.
type Mail struct {
	ID            string // a UUID; the Message-ID of the letter is derived from it
	Kind          MailKind
	UserID        int64  // the user the mail is about
	RecipientID   int64  // that user, or the administrator who gets the mail
	Channel       string // for a notice to a chat: one of Options.Chats; "" for mail
	State         delivery.State
	Attempts      int // since TryingSince
	CreatedAt     time.Time
	TryingSince   time.Time // the first attempt since the last manual retry, if any
	LastAttemptAt time.Time
	NextAttemptAt time.Time // when the next attempt is due; zero for immediately, or never once it has ended
	EndedAt       time.Time // when it was no longer owed
	LastAnswer    string    // the server's last reply, or why it could not be reached
}

// addressKey returns the key of the address to which a limited mail about the user
// goes.
func (m Mail) addressKey(u User) string {
	if m.Kind == MailNewEmail {
		return u.NewEmailKey
	}
	return u.EmailKey
}

// A Message is the content of a letter before it is put into words.
type Message struct {
	Kind      MailKind
	Language  string        // of the recipient, BCP 47
	Recipient Address       // zero for a chat
	User      Person        // the user the mail is about
	Link      string        // absolute URL, or ""
	Lifetime  time.Duration // of the link, where it has a token
	ExpiresAt time.Time     // of the link, where it has a token
	Reason    string        // for a rejection: the public reason, or ""
	Status    Status        // of the user
	LapsesAt  time.Time     // for a reminder: when the sign-up is removed; zero when it is not known
	Waiting   int           // for a digest: how many users wait for approval
	People    []Person      // for a digest: the first of them, at most ten
}

// A Person is what a letter may say about a user.
type Person struct {
	Name     string
	Username string
	Email    string
}

// An Address is a mailbox with its display name, unencoded.
type Address struct {
	Name  string
	Email string
}

// A Text is the text of a letter.
type Text struct {
	Subject string
	Plain   string
	HTML    string // "" for a plain-text letter
	Inline  *Image // the image that HTML refers to as cid:ID; nil for none
}

// An Image is embedded in a letter.
type Image struct {
	ID   string // HTML refers to it as "cid:" and the ID
	Type string // media type, such as image/png
	Data []byte
}

// A Writer puts a message into words. It MUST escape user input and MUST be safe
// for concurrent use. An error means that the writer itself failed.
type Writer interface {
	Write(Message) (Text, error)
}

// A Letter is a mail that has been written: ready to send, never stored.
type Letter struct {
	MailID string // the same for every attempt
	To     Address
	// Channel is the chat it goes to instead of To; see Mail.Channel.
	Channel string
	Text
}

// Links makes the URLs in letters. Confirm, Login and Review are required. The
// functions are called inside transactions, at any time and possibly more than
// once: they MUST be fast, MUST be safe for concurrent use, and MUST NOT call the
// Service.
type Links struct {
	Confirm func(Token) string // the page that confirms with the token
	Login   func() string
	Review  func(User) string // where an administrator decides about the user

	// Waiting is where an administrator sees all users who wait for approval. If
	// nil, Review of one of them is used.
	Waiting func() string

	// ResetPassword is the page where a new password is chosen with the token. If
	// nil, Service.RequestPasswordReset refuses.
	ResetPassword func(Token) string

	// ConfirmEmail is the page that confirms a new address with the token. If nil,
	// Admin.ChangeEmail refuses.
	ConfirmEmail func(Token) string
}
