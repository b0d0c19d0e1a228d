package outbox

import "time"

// A pacer is a Sender that limits how often it sends. Turn takes a turn and
// returns 0, or returns how long to wait before asking again.
type pacer interface{ Turn() time.Duration }

// untilTurn returns how long the next letter must wait. It is called before the
// letter is written, so that waiting creates no token and does not count as an
// attempt.
func (m *mailer) untilTurn() time.Duration {
	if p, ok := m.sender.(pacer); ok {
		return p.Turn()
	}
	return 0
}
