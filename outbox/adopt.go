package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

// Earlier versions of this package used these names, which another program may
// use as well, and the tables of River beside those of the store.
func oldQueues() []string { return []string{"mail", "chore"} }

const (
	oldMail  = "mail"
	oldAgain = "again"
)

func oldKinds() []string { return []string{oldMail, oldAgain, "clean", "sweep", "remind"} }

// adoptEvery is the interval at which to look for jobs of an earlier version. While
// instances are replaced one by one, those of the earlier version go on inserting
// jobs, and leave them when they stop.
const adoptEvery = 10 * time.Second

// adoptBatch is the maximum number of jobs moved in one transaction.
const adoptBatch = 100

// An adopter moves the jobs that an earlier version inserted to their present
// names and place. A job is taken only while it waits, or after its process died;
// so it never runs twice at a time.
type adopter[TTx any] struct {
	*Outbox[TTx]
	old  *river.Client[TTx] // inserts nothing
	done bool
}

// newAdopter returns nil if no earlier version has used the database.
func (b *Outbox[TTx]) newAdopter(ctx context.Context) (*adopter[TTx], error) {
	exec := b.driver.GetExecutor()
	if there, err := b.hasClaims(ctx, exec); err != nil || !there {
		return nil, err
	}
	var schema string
	if err := exec.QueryRow(ctx, "SELECT coalesce(max(schema), '') FROM "+claims+" WHERE old").Scan(&schema); err != nil || schema == "" {
		return nil, err
	}
	if there, err := exec.TableExists(ctx, &riverdriver.TableExistsParams{Schema: schema, Table: "river_job"}); err != nil || !there {
		return nil, err
	}
	if schema == b.schemaName() {
		return &adopter[TTx]{Outbox: b, old: b.client}, nil
	}
	old, err := river.NewClient(b.driver, &river.Config{Schema: schema, Logger: Quiet(b.mailer.o.Log)})
	if err != nil {
		return nil, fmt.Errorf("the queue of an earlier version: %w", err)
	}
	return &adopter[TTx]{Outbox: b, old: old}, nil
}

// adopt moves all jobs and returns how many they were.
func (a *adopter[TTx]) adopt(ctx context.Context) (moved int, err error) {
	for found := adoptBatch; found == adoptBatch && err == nil && !a.done; {
		var n int
		found, n, err = a.adoptSome(ctx)
		moved += n
	}
	if moved > 0 {
		a.mailer.o.Log.InfoContext(ctx, "jobs of an earlier version taken over", "count", moved)
	}
	if err == nil && !a.done && !a.onPostgres() {
		err = a.finish(ctx)
	}
	return moved, err
}

// finish ends the search if no job is left. In SQLite no instance of an earlier
// version can insert another one, because one server alone works on a file.
func (a *adopter[TTx]) finish(ctx context.Context) error {
	left, err := a.client.JobList(ctx, a.all().First(1))
	if err != nil || len(left.Jobs) > 0 {
		return err
	}
	a.done = true
	return a.driver.GetExecutor().Exec(ctx, "UPDATE "+claims+" SET old = false")
}

// all finds the jobs of an earlier version.
func (a *adopter[TTx]) all() *river.JobListParams {
	return river.NewJobListParams().Kinds(oldKinds()...).Queues(oldQueues()...).Where(a.ours()).First(adoptBatch)
}

func (a *adopter[TTx]) adoptSome(ctx context.Context) (found, moved int, err error) {
	exec, err := a.driver.GetExecutor().Begin(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = exec.Rollback(context.WithoutCancel(ctx)) }()
	tx := a.driver.UnwrapTx(exec)
	if err := a.rescue(ctx, exec, tx); err != nil {
		return 0, 0, err
	}
	params := river.NewJobDeleteManyParams().Kinds(oldKinds()...).Queues(oldQueues()...).First(adoptBatch)
	gone, err := a.old.JobDeleteManyTx(ctx, tx, params.Where(a.ours()))
	if err != nil {
		return 0, 0, err
	}
	jobs, err := successors(gone.Jobs)
	if err == nil && len(jobs) > 0 {
		_, err = a.client.InsertManyTx(ctx, tx, jobs)
	}
	if err != nil {
		return 0, 0, err
	}
	return len(gone.Jobs), len(jobs), exec.Commit(ctx)
}

// ours is a condition for our jobs. Where another program may have jobs of the
// same kinds, only the mails tell them apart.
func (a *adopter[TTx]) ours() string {
	if a.old == a.client && !a.shared {
		return "true"
	}
	return "kind NOT IN (" + literals([]string{oldMail, oldAgain}) + ") AND args = '{}' OR args ->> 'mail_id' IN (SELECT id FROM mails)"
}

// rescue gives back the jobs whose process died, as River does.
func (a *adopter[TTx]) rescue(ctx context.Context, exec riverdriver.Executor, tx TTx) error {
	running, err := a.old.JobListTx(ctx, tx, a.all().States(rivertype.JobStateRunning))
	if err != nil {
		return err
	}
	for _, job := range running.Jobs {
		if job.AttemptedAt == nil || time.Since(*job.AttemptedAt) < a.mailer.o.RescueAfter {
			continue
		}
		table := "river_job"
		if schema := a.old.Schema(); schema != "" {
			table = `"` + schema + `".` + table
		}
		err := exec.Exec(ctx, fmt.Sprintf("UPDATE %s SET state = 'available' WHERE id = %d AND state = 'running'", table, job.ID))
		if err != nil {
			return err
		}
	}
	return nil
}

// successors returns new jobs for those that would still have run. The periodic
// ones have none, because they come back by themselves.
func successors(old []*rivertype.JobRow) (jobs []river.InsertManyParams, err error) {
	for _, job := range old {
		if !slices.Contains(live, job.State) {
			continue
		}
		var args mailArgs
		if job.Kind == oldMail || job.Kind == oldAgain {
			err = errors.Join(err, json.Unmarshal(job.EncodedArgs, &args))
		}
		opts := &river.InsertOpts{ScheduledAt: job.ScheduledAt}
		switch job.Kind {
		case oldMail:
			jobs = append(jobs, river.InsertManyParams{Args: args, InsertOpts: opts})
		case oldAgain:
			jobs = append(jobs, river.InsertManyParams{Args: againArgs(args), InsertOpts: opts})
		}
	}
	return jobs, err
}
