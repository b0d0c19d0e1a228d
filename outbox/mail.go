package outbox

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"

	"github.com/signup-go/signup"
)

// A Sender sends a letter. An error whose Permanent method returns true ends
// the mail; any other is tried again. An error's Stage method says in which
// phase of the conversation it happened, and its NoSuchAddress method whether
// nobody gets mail at the address, as signup.Failure has them.
type Sender interface {
	Send(context.Context, signup.Letter) error
}

// A deliverer is a Sender that also returns the server's words for a letter
// that it took; they are kept with the attempt.
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

// noSuchAddress reports whether the error says that nobody gets mail there.
func noSuchAddress(err error) bool {
	var n interface{ NoSuchAddress() bool }
	return errors.As(err, &n) && n.NoSuchAddress()
}

// stage is the phase in which sending failed; "" when the error does not say.
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

func (mailArgs) Kind() string { return "mail" }

func (mailArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: mailQueue, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: live}}
}

// mailer sends one mail a job.
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
	letter, err := m.svc.Compose(ctx, id)
	var early *signup.NotDueError
	switch {
	case errors.As(err, &early):
		return river.JobSnooze(early.Wait)
	case errors.Is(err, signup.ErrNotOwed):
		return nil
	case signup.IsCode(err, signup.CodeMailNotConfigured):
		return river.JobSnooze(noMailWait)
	case err != nil:
		m.o.Log.ErrorContext(ctx, "mail not written", "mail", id, "error", err)
		return errTryAgain
	}
	started := time.Now()
	answer, err := m.send(ctx, letter)
	if err != nil {
		return m.failed(ctx, job, err)
	}
	// The letter is out: that must be recorded even when the time is up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	m.o.Log.InfoContext(ctx, "mail sent", "mail", id, "took", time.Since(started))
	return m.svc.MailSent(ctx, id, answer)
}

// noMailWait is how long a mail waits that was owed before mail was switched off.
const noMailWait = 5 * time.Minute

const recordTimeout = 15 * time.Second

// errTryAgain is all the queue's own table learns of a fault.
var errTryAgain = errors.New("not sent; see the log")

func (m *mailer) failed(ctx context.Context, job *river.Job[mailArgs], sendErr error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	id := job.Args.MailID
	var wait time.Duration
	mail, err := m.svc.MailFailed(ctx, id, signup.Failure{
		Phase: stage(sendErr), Answer: sendErr.Error(), Permanent: permanent(sendErr), NoSuchAddress: noSuchAddress(sendErr),
		Wait: func(attempts int) time.Duration { wait = m.o.Backoff(attempts); return wait },
	})
	if err != nil {
		m.o.Log.ErrorContext(ctx, "mail's failure not recorded", "mail", id, "error", err)
		return errTryAgain
	}
	if mail.State != signup.MailOwed {
		m.o.Log.WarnContext(ctx, "mail failed for good", "mail", id, "attempts", mail.Attempts, "error", sendErr)
		return nil
	}
	m.o.Log.WarnContext(ctx, "mail not sent yet", "mail", id, "attempts", mail.Attempts, "next", wait, "error", sendErr)
	return river.JobSnooze(wait)
}

// NextRetry is for jobs that failed by a fault of ours or died with their
// process.
func (m *mailer) NextRetry(job *river.Job[mailArgs]) time.Time {
	return time.Now().Add(min(time.Duration(job.Attempt)*time.Second, time.Minute))
}

// Backoff is the wait after so many failed attempts: 10 s, doubled each time
// up to an hour, give or take a tenth so that mails do not come in step.
func Backoff(attempts int) time.Duration {
	wait := time.Hour
	if n := max(attempts, 1); n < 10 {
		wait = min(wait, 10*time.Second<<(n-1))
	}
	return time.Duration(float64(wait) * (0.9 + 0.2*rand.Float64()))
}
