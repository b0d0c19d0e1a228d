package signup

import "time"

// A MailKind says what a mail is for.
type MailKind string

// The kinds of mail.
const (
	MailConfirmation  MailKind = "confirmation"   // to the person: prove the address
	MailAdminNotice   MailKind = "admin_notice"   // to each administrator: somebody waits
	MailApproved      MailKind = "approved"       // to the person: you are in
	MailRejected      MailKind = "rejected"       // to the person: you are not, with the public reason
	MailAccountExists MailKind = "account_exists" // to the owner of an address somebody signed up with again
	MailReminder      MailKind = "reminder"       // to the person: the address is still not proved, and the sign-up will lapse
	MailWelcome       MailKind = "welcome"        // to the person: you are in; nothing had to be confirmed or approved
	MailAdminDigest   MailKind = "admin_digest"   // to each administrator: so many wait, instead of a notice for each
)

// A MailState says where a mail owed stands.
type MailState string

// The states of a mail: owed until it ends as one of the others.
const (
	MailOwed       MailState = "owed"
	MailSent       MailState = "sent"
	MailFailed     MailState = "failed"     // for good; LastAnswer says why
	MailSuperseded MailState = "superseded" // the fact it would have told is no longer so
	MailCancelled  MailState = "cancelled"  // an administrator's word
)

// A Mail is a mail owed: written to the store in the transaction of the fact
// it reports. It holds no text and no token; the letter is written when it is
// sent, as often as it is sent.
type Mail struct {
	ID            string // a UUID; the anchor of the letter's Message-ID
	Kind          MailKind
	UserID        int64  // whom it is about
	RecipientID   int64  // who gets it; the user himself, or an administrator
	ClaimID       string // for a confirmation: the claim it confirms, or ""
	Channel       string // for a notice that goes to a chat: which, one of Options.Chats; "" for mail
	State         MailState
	Attempts      int // since TryingSince
	CreatedAt     time.Time
	TryingSince   time.Time // the first attempt, after the last retry if there was one
	LastAttemptAt time.Time
	NextAttemptAt time.Time // when it is tried again; zero for at once, or never
	EndedAt       time.Time // when it left MailOwed
	LastAnswer    string    // the server's last words, or why it could not be reached
}

// A Message is what a letter has to say, before somebody writes it.
type Message struct {
	Kind      MailKind
	Language  string        // BCP 47, of the recipient
	Recipient Address       // zero for a chat
	User      Person        // whom it is about
	Link      string        // absolute URL, or ""
	Lifetime  time.Duration // of the link, for a confirmation or a reminder
	ExpiresAt time.Time     // of the link, for a confirmation or a reminder
	Reason    string        // for a rejection: the public reason, or ""
	Status    Status        // of the user
	LapsesAt  time.Time     // for a reminder: when the sign-up is removed; zero when it is not known
	Waiting   int           // for a digest: how many wait for approval
	People    []Person      // for a digest: the first of them, at most ten
}

// A Person is the part of a user that a letter may name.
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

// A Text is a letter's words.
type Text struct {
	Subject string
	Plain   string
	HTML    string // "" for a letter that is plain text only
	Inline  *Image // what HTML shows as cid:ID; nil for none
}

// An Image travels inside a letter.
type Image struct {
	ID   string // in HTML, "cid:" and this
	Type string // its media type, such as image/png
	Data []byte
}

// A Writer puts a message into words. It MUST escape what people typed and
// MUST be safe for concurrent use. It fails only by a fault of its own.
type Writer interface {
	Write(Message) (Text, error)
}

// A Letter is a mail written: ready to send, never stored.
type Letter struct {
	MailID string // stable over all attempts
	To     Address
	// Channel is where it goes instead of To; see Mail.Channel.
	Channel string
	Text
}

// Links makes the URLs that letters carry. All but Waiting are required. They
// are called inside transactions, at any moment and perhaps more than once: they
// MUST be quick, safe for concurrent use, and MUST NOT call the Service.
type Links struct {
	Confirm func(Token) string // the page that spends the token
	Login   func() string
	Review  func(User) string // where an administrator decides on the user

	// Waiting is where an administrator sees all who wait. It may be nil; then
	// it is Review of one of them.
	Waiting func() string
}
