// Package tables lists the columns that every make of database has, so that
// all that is in one of them can be moved into another.
package tables

// A Kind is what a column holds, and the Go type of its values on the way.
type Kind int

// The kinds.
const (
	Int  Kind = iota // int64
	Text             // string
	Bool             // bool
	Time             // time.Time in UTC, or nil for NULL
	JSON             // string, as package json writes it
)

// A Table is one table of the stores.
type Table struct {
	Name    string
	Columns []Column
	Key     string // the column that orders the rows
	Numbers bool   // whether the database gives the key its numbers
}

// A Column is one column that holds something of its own: computed ones are
// none.
type Column struct {
	Name string
	Kind Kind
}

// All lists the tables, each after those it refers to. What only the running
// programs need is not among them: the queue's tables and the rate limits. Nor
// are sessions: whoever may use one database may not therefore use its copy.
func All() []Table {
	return []Table{
		{"users", []Column{
			{"id", Int},
			{"name", Text},
			{"username", Text},
			{"username_key", Text},
			{"email", Text},
			{"email_key", Text},
			{"password_hash", Text},
			{"language", Text},
			{"profile", JSON},
			{"role", Text},
			{"origin", Text},
			{"verification_required", Bool},
			{"approval_required", Bool},
			{"created_at", Time},
			{"verified_at", Time},
			{"approved_at", Time},
			{"approved_by", Text},
			{"rejected_at", Time},
			{"rejected_by", Text},
			{"rejection_reason", Text},
			{"rejection_note", Text},
			{"corrections", Int},
			{"version", Int},
			{"search", Text},
			{"undeliverable_at", Time},
			{"reminded_at", Time},
			{"noticed_at", Time},
			{"notices_off", Bool},
			{"terms_version", Text},
			{"terms_at", Time},
		}, "id", true},
		{"usernames", []Column{
			{"key", Text},
			{"user_id", Int},
		}, "key", false},
		{"sign_up_tokens", []Column{
			{"id", Text},
			{"user_id", Int},
			{"claim_id", Text},
			{"token_hash", Text},
			{"address", Text},
			{"created_at", Time},
			{"expires_at", Time},
			{"used", Bool},
		}, "id", false},
		{"claims", []Column{
			{"seq", Int},
			{"id", Text},
			{"user_id", Int},
			{"name", Text},
			{"username", Text},
			{"username_key", Text},
			{"email", Text},
			{"password_hash", Text},
			{"language", Text},
			{"profile", JSON},
			{"approval_required", Bool},
			{"created_at", Time},
			{"terms_version", Text},
			{"terms_at", Time},
		}, "seq", true},
		{"tickets", []Column{
			{"hash", Text},
			{"user_id", Int},
			{"claim_id", Text},
			{"held", Text},
			{"corrections", Int},
			{"resends", Int},
			{"asked_at", Time},
			{"created_at", Time},
			{"expires_at", Time},
		}, "hash", false},
		{"mails", []Column{
			{"seq", Int},
			{"id", Text},
			{"kind", Text},
			{"user_id", Int},
			{"recipient_id", Int},
			{"claim_id", Text},
			{"state", Text},
			{"attempts", Int},
			{"created_at", Time},
			{"last_attempt_at", Time},
			{"ended_at", Time},
			{"last_answer", Text},
			{"channel", Text},
			{"trying_since", Time},
			{"next_attempt_at", Time},
		}, "seq", true},
		{"mail_attempts", []Column{
			{"seq", Int},
			{"mail_id", Text},
			{"at", Time},
			{"phase", Text},
			{"answer", Text},
			{"outcome", Text},
		}, "seq", true},
		{"settings", []Column{
			{"name", Text},
			{"value", Text},
		}, "name", false},
		{"api_keys", []Column{
			{"seq", Int},
			{"id", Text},
			{"name", Text},
			{"hash", Text},
			{"created_at", Time},
			{"revoked_at", Time},
		}, "seq", true},
		{"audit_events", []Column{
			{"id", Int},
			{"at", Time},
			{"actor", Text},
			{"action", Text},
			{"user_id", Int},
			{"detail", JSON},
		}, "id", true},
	}
}
