package storetest

import (
	"errors"
	"slices"
	"time"

	"github.com/signup-go/signup"
)

func apiKeyTests() []test {
	return []test{
		{"every field is read back", apiKeyComesBack},
		{"APIKeys lists the keys oldest first", apiKeysInOrder},
		{"a name is taken until its key is revoked", apiKeyNames},
		{"of concurrent CreateAPIKey of one name exactly one succeeds", apiKeyRace},
		{"RevokeAPIKey revokes once", apiKeyRevoked},
		{"TouchAPIKey sets UsedAt of one key", apiKeyTouched},
	}
}

func apiKey(name string) signup.APIKey {
	return signup.APIKey{ID: newID(), Name: name, Hash: newID(), CreatedAt: start()}
}

func (s *suite) createKey(k signup.APIKey) {
	s.Helper()
	s.update(func(tx signup.Tx) error { return tx.CreateAPIKey(s.ctx(), k) })
}

func (s *suite) keys() []signup.APIKey {
	s.Helper()
	return read(s, func(r signup.Reader) ([]signup.APIKey, error) { return r.APIKeys(s.ctx()) })
}

func (s *suite) keyByHash(hash string) signup.APIKey {
	s.Helper()
	return read(s, func(r signup.Reader) (signup.APIKey, error) { return r.APIKeyByHash(s.ctx(), hash) })
}

func apiKeyComesBack(s *suite) {
	want := []signup.APIKey{}
	for range 2 * len(awkward()) {
		k := filled[signup.APIKey](s)
		s.createKey(k)
		s.same("by hash", s.keyByHash(k.Hash), k)
		want = append(want, k)
	}
	bare := apiKey("bare")
	s.createKey(bare)
	s.same("bare key", s.keyByHash(bare.Hash), bare)
	s.same("in a list", s.keys(), slices.Insert(want, 0, bare))
}

func apiKeysInOrder(s *suite) {
	newer, older := apiKey("newer"), apiKey("older")
	older.CreatedAt, older.RevokedAt = start().Add(-time.Hour), start()
	s.createKey(newer)
	s.createKey(older)
	s.same("keys", s.keys(), []signup.APIKey{older, newer})
}

func apiKeyNames(s *suite) {
	first, second := apiKey("ci"), apiKey("ci")
	s.createKey(first)
	s.refused(signup.ErrNameTaken, func(tx signup.Tx) error { return tx.CreateAPIKey(s.ctx(), second) })
	s.same("keys", s.keys(), []signup.APIKey{first})
	s.update(func(tx signup.Tx) error {
		if err := tx.CreateAPIKey(s.ctx(), second); err != nil && !errors.Is(err, signup.ErrNameTaken) {
			return err
		}
		return tx.CreateAPIKey(s.ctx(), apiKey("other"))
	})
	s.revoke(first.ID, start())
	s.createKey(second)
	s.revoke(second.ID, start())
	s.createKey(apiKey("ci"))
	s.same("keys", len(s.keys()), 4)
}

func (s *suite) revoke(id string, now time.Time) {
	s.Helper()
	s.update(func(tx signup.Tx) error { return tx.RevokeAPIKey(s.ctx(), id, now) })
}

func apiKeyRace(s *suite) {
	s.oneWins(race(many, func(int) error {
		return s.store.Update(s.ctx(), func(tx signup.Tx) error { return tx.CreateAPIKey(s.ctx(), apiKey("ci")) })
	}), signup.ErrNameTaken)
}

func apiKeyTouched(s *suite) {
	k, other := apiKey("ci"), apiKey("other")
	s.createKey(k)
	s.createKey(other)
	for _, k.UsedAt = range []time.Time{start().Add(time.Hour), start().Add(2 * time.Hour)} {
		s.update(func(tx signup.Tx) error { return tx.TouchAPIKey(s.ctx(), k.ID, k.UsedAt) })
		s.same("touched", s.keyByHash(k.Hash), k)
	}
	s.same("the other", s.keyByHash(other.Hash), other)
}

func apiKeyRevoked(s *suite) {
	k, other, before := apiKey("ci"), apiKey("other"), apiKey("ci")
	before.RevokedAt = start()
	s.createKey(before)
	s.createKey(k)
	s.createKey(other)
	k.RevokedAt = start().Add(time.Hour)
	s.revoke(k.ID, k.RevokedAt)
	s.refused(signup.ErrNotFound, func(tx signup.Tx) error {
		return tx.RevokeAPIKey(s.ctx(), k.ID, k.RevokedAt.Add(time.Hour))
	})
	s.same("revoked", s.keyByHash(k.Hash), k)
	s.same("the other", s.keyByHash(other.Hash), other)
	s.same("revoked before", s.keyByHash(before.Hash), before)
}
