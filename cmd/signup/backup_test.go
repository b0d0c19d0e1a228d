package main

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/signup-go/signup/smtp/smtptest"
)

// A backup taken while people sign up is a whole database: nobody in it is
// without the mail he is owed, and no mail owed without its job.
func TestBackupWhileServing(t *testing.T) {
	mail := smtptest.New(t)
	mail.SetBehaviour(smtptest.ReplyAt(smtptest.Mail, "451 4.2.1 later")) // so that all mails stay owed
	s := startProduction(t, mail)
	var people atomic.Int64
	var done atomic.Bool
	var all sync.WaitGroup
	defer func() {
		done.Store(true)
		all.Wait()
	}()
	for range 4 {
		all.Go(func() {
			for !done.Load() {
				s.SignUp(fmt.Sprintf("p%d", people.Add(1)))
			}
		})
	}
	last := 0
	for i := range 3 {
		before := people.Load()
		s.Eventually("more sign-ups", func() bool { return people.Load() > before+20 })
		path := filepath.Join(t.TempDir(), fmt.Sprintf("backup%d.db", i))
		s.Run("backup", path)
		last = wholePeople(t, path, last)
	}
}

// wholePeople returns how many people are in the backup.
func wholePeople(t *testing.T, path string, least int) (users int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var integrity string
	var withoutMail, withoutJob, mailed int
	for query, into := range map[string]any{
		"PRAGMA integrity_check":                                                 &integrity,
		"SELECT count(*) FROM users":                                             &users,
		"SELECT count(DISTINCT user_id) FROM mails":                              &mailed,
		"SELECT count(*) FROM users WHERE id NOT IN (SELECT user_id FROM mails)": &withoutMail,
		`SELECT count(*) FROM mails m WHERE state = 'owed' AND NOT EXISTS (
			SELECT 1 FROM river_job j WHERE j.kind = 'signup_mail' AND json_extract(j.args, '$.mail_id') = m.id
			AND j.state NOT IN ('completed', 'cancelled', 'discarded'))`: &withoutJob,
	} {
		if err := db.QueryRowContext(t.Context(), query).Scan(into); err != nil {
			t.Fatal(err)
		}
	}
	if integrity != "ok" || users <= least || withoutMail > 0 || withoutJob > 0 || mailed != users {
		t.Errorf("integrity: %s; %d users (%d before), %d of them without a mail; %d mails without a job", integrity, users, least, withoutMail, withoutJob)
	}
	return users
}
