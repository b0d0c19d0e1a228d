package smtp

import (
	"errors"
	"fmt"
	"time"

	"github.com/signup-go/signup"
)

// A Letterhead is what all letters of a sender have in common.
type Letterhead struct {
	From       signup.Address   // header and envelope
	DKIM       *DKIM            // nil: letters are not signed
	FeedbackID string           // the Feedback-ID header, for complaint reports; "" for none
	Now        func() time.Time // for the Date header; nil means time.Now
}

// A Message is a letter as it is sent, and its envelope.
type Message struct {
	From, To string // bare addresses with ASCII domains
	Raw      []byte // CRLF line ends, dots not stuffed
}

// A Composer turns letters into messages, for a transport other than Sender.
type Composer struct{ compose composer }

// NewComposer returns a Composer. It fails if the letterhead is invalid.
func NewComposer(h Letterhead) (*Composer, error) {
	c, err := h.composer()
	if err != nil {
		return nil, err
	}
	return &Composer{c}, nil
}

// Compose returns the letter as a message. It fails, permanently, if the letter's
// address is not one that mail can be sent to.
func (c *Composer) Compose(l signup.Letter) (Message, error) {
	m, err := c.compose.message(l)
	return Message{From: m.from.address, To: m.to.address, Raw: m.raw}, err
}

func (h Letterhead) composer() (composer, error) {
	if h.Now == nil {
		h.Now = time.Now
	}
	from, err := newMailbox(h.From)
	switch {
	case err != nil:
		return composer{}, fmt.Errorf("the sender's address: %w", err)
	case from.needsUTF8():
		return composer{}, errors.New("the sender's address must be ASCII before the @, so that every mail server accepts it")
	case len(h.FeedbackID) > maxFeedbackID || !isToken(h.FeedbackID):
		return composer{}, fmt.Errorf("the feedback id must be at most %d ASCII characters without spaces, such as signup:ourapp:example", maxFeedbackID)
	}
	return composer{from: from, now: h.Now, dkim: h.DKIM, feedbackID: h.FeedbackID}, h.DKIM.check(from)
}

const maxFeedbackID = 127
