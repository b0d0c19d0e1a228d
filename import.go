package signup

import (
	"context"
	"errors"
	"slices"

	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/refusal"
)

// importBatch is how many people are stored in one transaction.
const importBatch = 100

// errDryRun rolls back what a dry run stored.
var errDryRun = errors.New("dry run")

// Import stores people who have accounts elsewhere as active members, without any
// mail. Their addresses count as verified by the operator. A password hash must
// be one that password.ParseHash accepts; the first sign-in replaces it by an
// argon2id hash.
//
// Each person is examined as at sign-up, except for the password and the terms of
// use. The result has the refusal of each person, in the same order, nil for those
// who were stored: refusal.Invalid for each invalid field, refusal.UsernameTaken
// or refusal.EmailTaken. With dryRun nobody is stored, and the result is what it
// would be.
//
// People are stored in batches of 100, each in one transaction. If err is not nil,
// earlier batches may have been stored; importing them again only refuses them.
func (a Admin) Import(ctx context.Context, people []Registration, dryRun bool) (refused []error, err error) {
	settings, err := a.s.Settings(ctx)
	if err != nil {
		return nil, err
	}
	settings.RequireEmailVerification, settings.RequireAdminApproval = false, false
	users, refused := a.s.examineImport(people, settings)
	for start := 0; start < len(users); start += importBatch {
		end := min(start+importBatch, len(users))
		err := a.importBatch(ctx, users[start:end], refused[start:end], dryRun)
		if err != nil {
			return nil, err
		}
	}
	return refused, nil
}

// examineImport returns the users to store, and the refusal of each who is not.
func (s *Service) examineImport(people []Registration, settings Settings) ([]User, []error) {
	users, refused := make([]User, len(people)), make([]error, len(people))
	usernames, addresses := map[string]bool{}, map[string]bool{}
	for i, r := range people {
		u, err := s.examinePerson(r, settings)
		switch {
		case err != nil:
		case usernames[u.UsernameKey]:
			err = errUsernameTaken()
		case addresses[u.EmailKey]:
			err = errEmailTaken()
		default:
			usernames[u.UsernameKey], addresses[u.EmailKey] = true, true
		}
		users[i], refused[i] = u, err
	}
	return users, refused
}

func (s *Service) examinePerson(r Registration, settings Settings) (User, error) {
	a, errs := s.examineIdentity(r, settings)
	hash, err := password.ParseHash(string(r.PasswordHash))
	if err != nil {
		errs.Add(refusal.Field("password_hash", "must be argon2id, bcrypt, scrypt or PBKDF2 with SHA-256, in a known format"))
	}
	profile, err := s.o.Fields.Parse(r.Profile)
	errs.Add(err)
	a.hash, a.profile = hash, profile
	return a.operatorUser(RoleMember), errs.OrNil()
}

// importBatch stores the users who are not refused, and the refusals of those who
// cannot be.
func (a Admin) importBatch(ctx context.Context, users []User, refused []error, dryRun bool) error {
	before := slices.Clone(refused)
	err := a.s.store.Update(ctx, func(tx Tx) error {
		copy(refused, before)
		if err := a.importUsers(ctx, tx, users, refused); err != nil || !dryRun {
			return err
		}
		return errDryRun
	})
	switch {
	case errors.Is(err, errDryRun):
		return nil
	case refusal.Of(err) == nil:
		return err
	case len(users) == 1:
		refused[0] = err
		return nil
	}
	// OnActive refused somebody and may have broken the transaction.
	copy(refused, before)
	for i := range users {
		if err := a.importBatch(ctx, users[i:i+1], refused[i:i+1], dryRun); err != nil {
			return err
		}
	}
	return nil
}

func (a Admin) importUsers(ctx context.Context, tx Tx, users []User, refused []error) error {
	if err := holdAddresses(ctx, tx, users); err != nil {
		return err
	}
	for i, u := range users {
		if refused[i] != nil {
			continue
		}
		switch stored, err := a.storeActive(ctx, tx, u, event.Imported); {
		case err == nil:
		case stored.ID != 0: // the row is there, so all of it must be rolled back
			return err
		case refusal.Of(refusalOfTaken(err)) != nil:
			refused[i] = refusalOfTaken(err)
		default:
			return err
		}
	}
	return nil
}

// holdAddresses locks the addresses in order, so that concurrent batches cannot
// wait for each other.
func holdAddresses(ctx context.Context, tx Tx, users []User) error {
	var keys []string
	for _, u := range users {
		if u.EmailKey != "" {
			keys = append(keys, u.EmailKey)
		}
	}
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		if err := tx.HoldAddress(ctx, key); err != nil {
			return err
		}
	}
	return nil
}
