package storetest

import (
	"time"

	"github.com/signup-go/signup"
)

func apiKeyTests() []test {
	return []test{
		{"every field comes back, oldest first", apiKeysComeBack},
		{"a name is taken until its key is revoked", apiKeyNames},
		{"one of many CreateAPIKey of a name wins", apiKeyRace},
		{"RevokeAPIKey revokes once", apiKeyRevoked},
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

func apiKeysComeBack(s *suite) {
	newer, older := apiKey("newer 🧵"), apiKey("older")
	older.CreatedAt = start().Add(-time.Hour)
	older.RevokedAt = start()
	s.createKey(newer)
	s.createKey(older)
	s.same("keys", s.keys(), []signup.APIKey{older, newer})
	s.same("by hash", s.keyByHash(newer.Hash), newer)
	s.same("revoked by hash", s.keyByHash(older.Hash), older)
}

func apiKeyNames(s *suite) {
	first, second := apiKey("ci"), apiKey("ci")
	s.createKey(first)
	s.refused(signup.ErrNameTaken, func(tx signup.Tx) error { return tx.CreateAPIKey(s.ctx(), second) })
	s.createKey(apiKey("other"))
	s.revoke("ci", start())
	s.createKey(second)
	s.revoke("ci", start())
	s.createKey(apiKey("ci"))
	s.same("keys", len(s.keys()), 4)
}

func (s *suite) revoke(name string, now time.Time) {
	s.Helper()
	s.update(func(tx signup.Tx) error { return tx.RevokeAPIKey(s.ctx(), name, now) })
}

func apiKeyRace(s *suite) {
	s.oneWins(race(many, func(int) error {
		return s.store.Update(s.ctx(), func(tx signup.Tx) error { return tx.CreateAPIKey(s.ctx(), apiKey("ci")) })
	}), signup.ErrNameTaken)
}

func apiKeyRevoked(s *suite) {
	k, other := apiKey("ci"), apiKey("other")
	s.createKey(k)
	s.createKey(other)
	k.RevokedAt = start().Add(time.Hour)
	s.revoke("ci", k.RevokedAt)
	s.refused(signup.ErrNotFound, func(tx signup.Tx) error {
		return tx.RevokeAPIKey(s.ctx(), "ci", k.RevokedAt.Add(time.Hour))
	})
	s.same("revoked", s.keyByHash(k.Hash), k)
	s.same("the other", s.keyByHash(other.Hash), other)
}
