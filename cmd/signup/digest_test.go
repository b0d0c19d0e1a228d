package main

import (
	"fmt"
	"regexp"
	"testing"
)

// TestDigestsOverKills kills the program while notices and digests come to be
// owed, written and sent: nobody who waits is left out, nobody is announced
// twice, and no two digests gather for one administrator.
func TestDigestsOverKills(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := makeStorm(t, d)
		s.makeBoss("admin_notice_digest_after=3", "admin_notice_interval=1h")
		for kill := 0; kill < 6 || kill < 60 && s.digests() < 2; kill++ { // a slow machine needs more of them
			s.serveUntilKilled()
			s.checkDigests(fmt.Sprintf("after kill %d", kill+1))
			s.theIntervalIsOver(d)
		}
		s.command("settings", "set", noDigests)
		s.drain()
		s.checkDigests("at the end")
		digests := s.digests()
		received := map[string]bool{} // repeats come under the same id
		for _, m := range s.mail.Messages() {
			if regexp.MustCompile(`sign-ups? waits? for approval`).MatchString(m.Subject()) {
				received[m.Header("Message-Id")] = true
			}
		}
		if digests == 0 || len(received) != digests {
			t.Errorf("%d digests were sent and %d received", digests, len(received))
		}
		t.Logf("%d sign-ups and %d confirmations answered, %d digests", len(s.signedUp), len(s.confirmed), digests)
	})
}

// digests counts those that are owed or sent.
func (s *storm) digests() (n int) {
	s.t.Helper()
	s.ok(s.db.QueryRowContext(s.t.Context(), `SELECT count(*) FROM mails WHERE kind = 'admin_digest' AND state IN ('owed', 'sent')`).Scan(&n))
	return n
}

// theIntervalIsOver makes the digests due that gather.
func (s *storm) theIntervalIsOver(d testDatabase) {
	s.t.Helper()
	for _, statement := range []string{
		`UPDATE mails SET next_attempt_at = created_at WHERE kind = 'admin_digest' AND state = 'owed'`, d.hurry,
	} {
		_, err := s.db.ExecContext(s.t.Context(), statement)
		s.ok(err)
	}
}

// digestHalves are queries that count what must never be seen.
var digestHalves = map[string]string{
	"users noticed of whom nobody will ever hear": `
		SELECT count(*) FROM users u WHERE u.status = 'pending_approval' AND u.noticed_at IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM mails m WHERE m.user_id = u.id AND m.kind = 'admin_notice')
		AND NOT EXISTS (SELECT 1 FROM mails m WHERE m.kind = 'admin_digest' AND m.state IN ('owed', 'sent')
			AND (m.last_attempt_at IS NULL OR m.last_attempt_at >= u.noticed_at))`,
	"users announced twice": `
		SELECT count(*) FROM (SELECT 1 FROM mails WHERE kind = 'admin_notice' GROUP BY user_id HAVING count(*) > 1) AS twice`,
	"administrators for whom two digests gather": `
		SELECT count(*) FROM (SELECT 1 FROM mails WHERE kind = 'admin_digest' AND state = 'owed' AND last_attempt_at IS NULL
			GROUP BY user_id HAVING count(*) > 1) AS two`,
	"mails owed that no job will send": halves["mails owed that no job will send"],
}

func (s *storm) checkDigests(when string) {
	s.t.Helper()
	for what, query := range digestHalves {
		var n int
		if err := s.db.QueryRowContext(s.t.Context(), query).Scan(&n); err != nil || n != 0 {
			s.t.Fatalf("%s: %d %s, %v", when, n, what, err)
		}
	}
	s.checkAnswers(when)
}
