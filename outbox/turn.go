package outbox

import "time"

// A pacer is a Sender with a limit of its own on how often it sends. Turn takes
// a turn and returns 0, or says how long to wait before asking again.
type pacer interface{ Turn() time.Duration }

// untilTurn is how long the next letter must wait: it is asked before the
// letter is written, so that waiting costs no token and counts as no attempt.
func (m *mailer) untilTurn() time.Duration {
	if p, ok := m.sender.(pacer); ok {
		return p.Turn()
	}
	return 0
}
