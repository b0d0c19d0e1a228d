package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
)

// DefaultSchema is the schema of the queue's tables in PostgreSQL.
const DefaultSchema = "signup"

// ErrForeign is wrapped by the error for tables of River that another program
// uses.
var ErrForeign = errors.New("the queue's tables belong to another program")

// claims is the table, beside those of the store, that lists the schemas whose
// tables of River are ours. In a row with old, versions before this table existed
// kept them there, and possibly shared them.
const claims = "signup_queue"

// claimLock keeps two programs from claiming at the same time.
const claimLock = 7_387_464_554 // "signup" on a telephone keypad, and 4

func (b *Outbox[TTx]) onPostgres() bool {
	return b.driver.DatabaseName() == riverdriver.DatabaseNamePostgres
}

// home returns the schema of the store's tables.
func (b *Outbox[TTx]) home(ctx context.Context, exec riverdriver.Executor) (schema string, err error) {
	if !b.onPostgres() {
		return "main", nil
	}
	err = exec.QueryRow(ctx, "SELECT coalesce(current_schema(), '')").Scan(&schema)
	return schema, err
}

// schemaName returns the name under which the queue's schema is claimed.
func (b *Outbox[TTx]) schemaName() string {
	if !b.onPostgres() {
		return "main"
	}
	return b.schema
}

// isClaimed reports whether the tables of River in the queue's schema are ours.
func (b *Outbox[TTx]) isClaimed(ctx context.Context, exec riverdriver.Executor) (claimed bool, err error) {
	if there, err := b.hasClaims(ctx, exec); err != nil || !there {
		return false, err
	}
	err = exec.QueryRow(ctx, "SELECT count(*) > 0 FROM "+claims+" WHERE schema = "+literal(b.schemaName())).Scan(&claimed)
	return claimed, err
}

func (b *Outbox[TTx]) hasClaims(ctx context.Context, exec riverdriver.Executor) (bool, error) {
	home, err := b.home(ctx, exec)
	if err != nil {
		return false, err
	}
	return exec.TableExists(ctx, &riverdriver.TableExistsParams{Schema: home, Table: claims})
}

// claim makes the tables of River in the queue's schema ours, before they exist.
func (b *Outbox[TTx]) claim(ctx context.Context) error {
	exec, err := b.driver.GetExecutor().Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = exec.Rollback(context.WithoutCancel(ctx)) }()
	if b.onPostgres() {
		if _, err := exec.PGAdvisoryXactLock(ctx, claimLock); err != nil {
			return err
		}
	}
	claimed, err := b.isClaimed(ctx, exec)
	if err != nil || claimed {
		return err
	}
	if err := b.checkStore(ctx, exec); err != nil {
		return err
	}
	if err := b.refuseTables(ctx, exec); err != nil {
		return err
	}
	if err := b.makeSchema(ctx, exec); err != nil {
		return err
	}
	there, err := b.hasClaims(ctx, exec)
	if err == nil && !there {
		err = exec.Exec(ctx, "CREATE TABLE "+claims+" (schema text NOT NULL PRIMARY KEY, old boolean NOT NULL)")
	}
	if err == nil {
		err = exec.Exec(ctx, "INSERT INTO "+claims+" (schema, old) VALUES ("+literal(b.schemaName())+", false)")
	}
	if err != nil {
		return err
	}
	return exec.Commit(ctx)
}

// checkStore keeps the queue from writing to a database that the store has refused.
func (b *Outbox[TTx]) checkStore(ctx context.Context, exec riverdriver.Executor) error {
	home, err := b.home(ctx, exec)
	if err != nil {
		return err
	}
	there, err := exec.TableExists(ctx, &riverdriver.TableExistsParams{Schema: home, Table: "signup_migrations"})
	if err == nil && !there {
		err = errors.New("migrate the store first")
	}
	return err
}

// refuseTables returns ErrForeign if there are tables of River.
func (b *Outbox[TTx]) refuseTables(ctx context.Context, exec riverdriver.Executor) error {
	var names []string
	for _, table := range []string{"river_job", "river_leader", "river_migration", "river_notification", "river_queue"} {
		there, err := exec.TableExists(ctx, &riverdriver.TableExistsParams{Schema: b.schemaName(), Table: table})
		if err != nil {
			return err
		}
		if there {
			names = append(names, table)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s in %s; %s", ErrForeign, strings.Join(names, ", "), b.where(), b.advice())
}

func (b *Outbox[TTx]) where() string {
	if b.onPostgres() {
		return fmt.Sprintf("the schema %q", b.schema)
	}
	return "this file"
}

func (b *Outbox[TTx]) advice() string {
	if b.onPostgres() {
		return "name another schema (outbox.Options.Schema, --schema), or share that program's River client (outbox.Parts)"
	}
	return "use another file, or share that program's River client (outbox.Parts)"
}

// refuseSharing returns ErrForeign if another program works with our tables of
// River. Two clients that do not know each other's jobs discard them.
func (b *Outbox[TTx]) refuseSharing(ctx context.Context) error {
	queues, err := b.client.QueueList(ctx, river.NewQueueListParams().First(1000))
	if err != nil {
		return err
	}
	var foreign []string
	for _, q := range queues.Queues {
		foreign = append(foreign, q.Name)
	}
	ours := append([]string{mailQueue, choreQueue}, oldQueues()...)
	jobs, err := b.client.JobList(ctx, river.NewJobListParams().First(1000).Where("queue NOT IN ("+literals(ours)+")"))
	if err != nil {
		return err
	}
	for _, job := range jobs.Jobs {
		foreign = append(foreign, job.Queue)
	}
	foreign = slices.DeleteFunc(foreign, func(name string) bool { return slices.Contains(ours, name) })
	if len(foreign) == 0 {
		return nil
	}
	slices.Sort(foreign)
	return fmt.Errorf("%w, whose queues in %s are: %s; %s", ErrForeign, b.where(), strings.Join(slices.Compact(foreign), ", "), b.advice())
}

func (b *Outbox[TTx]) makeSchema(ctx context.Context, exec riverdriver.Executor) error {
	if !b.onPostgres() {
		return nil
	}
	var exists bool
	err := exec.QueryRow(ctx, "SELECT count(*) > 0 FROM pg_namespace WHERE nspname = "+literal(b.schema)).Scan(&exists)
	if err != nil || exists {
		return err
	}
	if err := exec.SchemaCreate(ctx, &riverdriver.SchemaCreateParams{Schema: b.schema}); err != nil {
		return fmt.Errorf("create the schema %q (if this role may not, let the database's owner do it, with AUTHORIZATION and the role's name): %w", b.schema, err)
	}
	return nil
}

// letIn gives the roles that may write mails the rights to send them, in a schema
// that no administrator has prepared. Roles that serve need not own the tables.
func (b *Outbox[TTx]) letIn(ctx context.Context) error {
	home, err := b.home(ctx, b.driver.GetExecutor())
	if err != nil || home == b.schemaName() {
		return err
	}
	return b.driver.GetExecutor().Exec(ctx, `DO $do$
DECLARE who text;
BEGIN
	PERFORM pg_advisory_xact_lock(`+strconv.Itoa(claimLock)+`);
	FOR who IN
		SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
		FROM pg_class AS c, aclexplode(c.relacl) AS a
		WHERE c.oid = to_regclass('mails') AND a.privilege_type = 'INSERT' AND a.grantee <> c.relowner
	LOOP
		EXECUTE format('GRANT USAGE ON SCHEMA %I TO %s', `+literal(b.schema)+`, who);
		EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO %s', `+literal(b.schema)+`, who);
		EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %I TO %s', `+literal(b.schema)+`, who);
		EXECUTE format('GRANT SELECT ON `+claims+` TO %s', who);
	END LOOP;
END $do$`)
}

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func literals(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = literal(s)
	}
	return strings.Join(quoted, ", ")
}
