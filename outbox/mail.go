package outbox

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/refusal"
)

// A Sender sends a letter. An error with a method Permanent that returns true
// ends the mail; after any other error it is retried. An error may also have the
// methods Stage, for the stage of the conversation at which it happened, and
// NoSuchAddress; see signup.Failure.
type Sender interface {
	Send(context.Context, signup.Letter) error
}

// A deliverer is a Sender that also returns the server's reply to an accepted
// letter, which is stored with the attempt.
type deliverer interface {
	Deliver(context.Context, signup.Letter) (answer string, err error)
}

func (m *mailer) send(ctx context.Context, l signup.Letter) (answer string, err error) {
	if d, ok := m.sender.(deliverer); ok {
		answer, err = d.Deliver(ctx, l)
	} else {
		err = m.sender.Send(ctx, l)
	}
	return cmp.Or(answer, "accepted"), err
}

func permanent(err error) bool {
	var p interface{ Permanent() bool }
	return errors.As(err, &p) && p.Permanent()
}

// noSuchAddress reports whether the error says that the address does not exist.
func noSuchAddress(err error) bool {
	var n interface{ NoSuchAddress() bool }
	return errors.As(err, &n) && n.NoSuchAddress()
}

// stage returns the stage at which sending failed, or "" if the error does not
// say.
func stage(err error) string {
	var s interface{ Stage() string }
	if errors.As(err, &s) {
		return s.Stage()
	}
	return ""
}

type mailArgs struct {
	MailID string `json:"mail_id"`
}

func (mailArgs) Kind() string { return "signup_mail" }

func (mailArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: mailQueue, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: live}}
}

// mailer is the worker that sends one mail per job.
type mailer struct {
	river.WorkerDefaults[mailArgs]
	o      Options
	svc    *signup.Service
	sender Sender
}

func (m *mailer) Work(ctx context.Context, job *river.Job[mailArgs]) error {
	id := job.Args.MailID
	if wait := m.untilTurn(); wait > 0 {
		return river.JobSnooze(wait)
	}
	letter, err := m.svc.Post().Compose(ctx, id)
	var early *signup.NotDueError
	switch {
	case errors.As(err, &early):
		return river.JobSnooze(spread(early.Wait))
	case errors.Is(err, signup.ErrNotWritten):
		// A failed attempt like any other, so that a mail that cannot be written
		// fails permanently in the end.
		return m.failed(ctx, job, err, signup.Failure{Phase: writePhase})
	case errors.Is(err, signup.ErrNotOwed):
		return nil
	case refusal.Is(err, refusal.MailNotConfigured):
		return river.JobSnooze(noMailWait)
	case err != nil:
		m.o.Log.ErrorContext(ctx, "mail not written", "mail", id, "error", err)
		return errTryAgain
	}
	started := time.Now()
	answer, err := m.send(ctx, letter)
	if err != nil {
		return m.failed(ctx, job, err, signup.Failure{
			Phase: stage(err), Permanent: permanent(err), NoSuchAddress: noSuchAddress(err),
		})
	}
	// The letter has been sent: record that even if the job's time is up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	m.o.Log.InfoContext(ctx, "mail sent", "mail", id, "took", time.Since(started))
	return m.svc.Post().MailSent(ctx, id, answer)
}

// noMailWait is how long a mail waits that was owed before mail was switched off.
const noMailWait = 5 * time.Minute

const recordTimeout = 15 * time.Second

// errTryAgain is all that River's tables learn about an error.
var errTryAgain = errors.New("not sent; see the log")

// writePhase is the phase of an attempt that failed before the letter was
// written.
const writePhase = "write"

// spread lengthens the wait by a random part of up to a tenth, so that mails that
// wait for the limits of one address are not all retried at the same moment.
func spread(wait time.Duration) time.Duration {
	return wait + time.Duration(rand.Float64()*float64(wait)/10)
}

// failed records a failed attempt and its cause.
func (m *mailer) failed(ctx context.Context, job *river.Job[mailArgs], cause error, f signup.Failure) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	id := job.Args.MailID
	var wait time.Duration
	f.Answer = cause.Error()
	f.Wait = func(attempts int) time.Duration { wait = m.o.Backoff(attempts); return wait }
	mail, err := m.svc.Post().MailFailed(ctx, id, f)
	if err != nil {
		m.o.Log.ErrorContext(ctx, "failed attempt not recorded", "mail", id, "error", err)
		return errTryAgain
	}
	if mail.State != delivery.Owed {
		m.o.Log.WarnContext(ctx, "mail failed for good", "mail", id, "attempts", mail.Attempts, "error", cause)
		return nil
	}
	m.o.Log.WarnContext(ctx, "mail not sent yet", "mail", id, "attempts", mail.Attempts, "next", wait, "error", cause)
	return river.JobSnooze(wait)
}

// Timeout does not depend on the client, which may be another program's.
func (m *mailer) Timeout(*river.Job[mailArgs]) time.Duration { return m.o.SendTimeout }

// NextRetry is for jobs that failed because of this program, or died with their
// process.
func (m *mailer) NextRetry(job *river.Job[mailArgs]) time.Time {
	return time.Now().Add(min(time.Duration(job.Attempt)*time.Second, time.Minute))
}

// Backoff returns the wait after the given number of failed attempts: 10 s,
// doubled each time up to an hour, plus or minus a random tenth so that mails are
// not retried in step.
func Backoff(attempts int) time.Duration {
	wait := time.Hour
	if n := max(attempts, 1); n < 10 {
		wait = min(wait, 10*time.Second<<(n-1))
	}
	return time.Duration(float64(wait) * (0.9 + 0.2*rand.Float64()))
}
