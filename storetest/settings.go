package storetest

import "github.com/signup-go/signup"

func settingsTests() []test {
	return []test{
		{"no settings at first", func(s *suite) { s.same("settings", s.settings(), map[string]string{}) }},
		{"PutSettings adds and replaces settings and keeps the others", putSettings},
	}
}

func (s *suite) settings() map[string]string {
	s.Helper()
	return read(s, func(r signup.Reader) (map[string]string, error) { return r.Settings(s.ctx()) })
}

func putSettings(s *suite) {
	put := func(values map[string]string) {
		s.update(func(tx signup.Tx) error { return tx.PutSettings(s.ctx(), values) })
	}
	put(map[string]string{"a": "1", "b": `"2"`})
	put(map[string]string{"b": `"🧵"`, "c": "true"})
	put(nil)
	s.same("settings", s.settings(), map[string]string{"a": "1", "b": `"🧵"`, "c": "true"})
	want := s.settings()
	for _, text := range awkward() {
		want[text] = text
	}
	put(want)
	s.same("settings", s.settings(), want)
}
