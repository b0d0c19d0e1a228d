package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/field"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/refusal"
)

type userImportCmd struct {
	File   string `arg:"" help:"A file of JSON lines (.jsonl) or CSV (.csv); - reads JSON lines from the standard input."`
	DryRun bool   `help:"Check everything and store nothing."`
}

func (userImportCmd) Help() string {
	return `For people who have accounts elsewhere, with their password hashes: they become active members without any mail. Their addresses count as verified.

Each line of a .jsonl file is one person; profile has your extra fields, and preferred_language may be missing:

    {"name":"Ada","username":"ada","email":"ada@example.org","password_hash":"$2b$12$...","preferred_language":"de","profile":{"height":170}}

The first line of a .csv file names the columns; an extra field is a column with its name.

Hashes may be argon2id, bcrypt, scrypt or PBKDF2 with SHA-256, as passlib, Django, Werkzeug, PHP and others write them. A hash is replaced by one of argon2id when its owner next gives the password.

People who are refused are listed with the line and the reason; the others are stored. Importing a file again stores nobody twice. The exit code is 3 if anybody was refused.

Examples:

    signup user import people.csv --dry-run
    signup user export --password-hashes | signup --database postgres://db.example.org/new user import -`
}

// A personLine is a line of a file to import, or of an export.
type personLine struct {
	Name              string         `json:"name"`
	Username          string         `json:"username"`
	Email             string         `json:"email"`
	PasswordHash      string         `json:"password_hash,omitempty"`
	PreferredLanguage string         `json:"preferred_language,omitempty"`
	Profile           map[string]any `json:"profile,omitempty"`

	line int
}

func (p personLine) registration() signup.Registration {
	return signup.Registration{
		Name: p.Name, Username: p.Username, Email: p.Email, PasswordHash: password.Hash(p.PasswordHash),
		PreferredLanguage: p.PreferredLanguage, Profile: p.Profile,
	}
}

// importChunk is how many people are imported between two reports of progress.
const importChunk = 500

// Run imports the file in chunks.
func (c userImportCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(svc *signup.Service) error {
		people, err := c.read(s)
		if err != nil {
			return usagef("%s: %w", c.File, err)
		}
		r := importReport{DryRun: c.DryRun, Refused: []refusedPerson{}}
		told := time.Now()
		for chunk := range slices.Chunk(people, importChunk) {
			if err := r.add(ctx, svc, chunk); err != nil {
				return fmt.Errorf("after %d people: %w", r.Imported, err)
			}
			if time.Since(told) > time.Second {
				s.hint("%d of %d", r.Imported+len(r.Refused), len(people))
				told = time.Now()
			}
		}
		if err := s.answer(r, r.print); err != nil || len(r.Refused) == 0 {
			return err
		}
		return refusal.New(refusal.Invalid, fmt.Sprintf("%d of %d people were refused", len(r.Refused), len(people)))
	})
}

// An importReport is what became of the people.
type importReport struct {
	Imported int             `json:"imported"`
	DryRun   bool            `json:"dry_run"`
	Refused  []refusedPerson `json:"refused"`
}

type refusedPerson struct {
	Line     int      `json:"line"`
	Username string   `json:"username"`
	Reasons  []string `json:"reasons"`
}

func (r *importReport) add(ctx context.Context, svc *signup.Service, people []personLine) error {
	registrations := make([]signup.Registration, len(people))
	for i, p := range people {
		registrations[i] = p.registration()
	}
	refused, err := svc.As(signup.ActorCLI).Import(ctx, registrations, r.DryRun)
	if err != nil {
		return err
	}
	for i, err := range refused {
		if err == nil {
			r.Imported++
			continue
		}
		p := refusedPerson{Line: people[i].line, Username: people[i].Username}
		for _, e := range refusal.Of(err) {
			p.Reasons = append(p.Reasons, e.Error())
		}
		r.Refused = append(r.Refused, p)
	}
	return nil
}

func (r *importReport) print(w io.Writer) {
	for _, p := range r.Refused {
		_, _ = fmt.Fprintf(w, "line %d, %s: %s\n", p.Line, printable(p.Username), strings.Join(p.Reasons, "; "))
	}
	done := "Imported"
	if r.DryRun {
		done = "Could import"
	}
	_, _ = fmt.Fprintf(w, "%s %d of %d.\n", done, r.Imported, r.Imported+len(r.Refused))
}

// read reads the whole file before anybody is stored, so that a syntax error
// stores nobody.
func (c userImportCmd) read(s *session) ([]personLine, error) {
	if c.File == "-" {
		return readJSONLines(s.stdin)
	}
	file, err := os.Open(c.File)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	switch strings.ToLower(filepath.Ext(c.File)) {
	case ".jsonl", ".ndjson":
		return readJSONLines(file)
	case ".csv":
		return readCSV(file, s.config.fields)
	default:
		return nil, errors.New("the name of the file must end in .jsonl or .csv")
	}
}

func readJSONLines(r io.Reader) (people []personLine, err error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	number := 0
	for line := range bytes.Lines(bytes.TrimPrefix(text, []byte(utf8BOM))) {
		number++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		p := personLine{line: number}
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&p); err != nil || decoder.More() {
			return nil, fmt.Errorf("line %d must be one JSON object of name, username, email, password_hash, preferred_language and profile", number)
		}
		people = append(people, p)
	}
	return people, nil
}

// utf8BOM is the byte order mark that some programs write first.
const utf8BOM = "\ufeff"

func readCSV(r io.Reader, fields field.List) (people []personLine, err error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	rows := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte(utf8BOM))))
	columns, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("the first line must name the columns: %w", withoutText(err))
	}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return people, nil
		}
		if err != nil {
			return nil, withoutText(err)
		}
		p, err := personOfRow(columns, row, fields)
		if err != nil {
			return nil, err
		}
		p.line, _ = rows.FieldPos(0)
		people = append(people, p)
	}
}

// withoutText is the position and kind of a syntax error.
func withoutText(err error) error {
	if e := (*csv.ParseError)(nil); errors.As(err, &e) {
		return fmt.Errorf("line %d: %w", e.Line, e.Err)
	}
	return err
}

func personOfRow(columns, row []string, fields field.List) (personLine, error) {
	p := personLine{Profile: map[string]any{}}
	builtIn := map[string]*string{
		"name": &p.Name, "username": &p.Username, "email": &p.Email,
		"password_hash": &p.PasswordHash, "preferred_language": &p.PreferredLanguage,
	}
	for i, column := range columns {
		column = strings.TrimSpace(column)
		if into := builtIn[column]; into != nil {
			*into = row[i]
			continue
		}
		at := slices.IndexFunc(fields, func(f field.Field) bool { return f.Name == column })
		if at < 0 {
			return personLine{}, fmt.Errorf("the column %q is neither name, username, email, password_hash, preferred_language nor an extra field", printable(column))
		}
		p.Profile[column] = fields[at].FromText(row[i])
	}
	return p, nil
}
